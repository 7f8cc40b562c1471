import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { parse } from 'yaml'
import { err, ok, type Result } from '../lib/result.ts'
import { parseStrictJson } from '../lib/strict-json.ts'
import { type FileContent, watchFile } from '../lib/watched-file.ts'

const closed = { additionalProperties: false }
const Name = Type.String({ minLength: 1, maxLength: 1024 })
const RFC3339 = '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)$'

/** A revocation file. An entry without `issuer` holds for every issuer. */
export const RevocationFile = Type.Object(
  {
    jti: Type.Optional(Type.Array(Name)),
    subjects: Type.Optional(Type.Array(Type.Object({ issuer: Type.Optional(Name), id: Name }, closed))),
    issued_before: Type.Optional(
      Type.Array(Type.Object({ issuer: Type.Optional(Name), time: Type.String({ pattern: RFC3339 }) }, closed)),
    ),
  },
  closed,
)
export type RevocationFile = Static<typeof RevocationFile>

type TokenIdentity = { readonly iss: string; readonly sub: string; readonly jti?: string; readonly iat?: number }

export type Revocations = {
  /** `unknown`: what was read last has become too old. */
  readonly isRevoked: (token: TokenIdentity) => Promise<boolean | 'unknown'>
  /** The number of entries in force, and why the file could not be read again, for `/readyz`. */
  readonly health: () => { readonly ready: boolean; readonly entries: number; readonly error: string | null }
}

type Rules = { readonly entries: number; readonly match: (token: TokenIdentity) => boolean }

const MAX_BYTES = 16 * 1024 * 1024
const validator = Compile(RevocationFile)

/**
 * Revocations from a file that is read again when it changes. A file that is broken at the start is an
 * error; one that breaks later leaves the entries as they were, for an empty list would readmit everyone, and
 * after a time leaves nobody in, for who was revoked meanwhile is not known.
 */
export async function createRevocations(options: {
  readonly path: string
  readonly now: () => number
  /** Milliseconds. */
  readonly maxStale?: number
}): Promise<Result<Revocations, string>> {
  const { path, now, maxStale = 3_600_000 } = options
  const file = watchFile({ ...options, maxBytes: MAX_BYTES })
  const first = await file()
  const initial = first.ok ? readRules(path, first.value) : first
  if (!first.ok || !initial.ok) return err(initial.ok ? `${path} cannot be read` : initial.error)

  let rules = initial.value
  let seen: FileContent = first.value
  let unreadable: string | null = null
  let malformed: string | null = null
  let goodAt = now()
  const error = () => unreadable ?? malformed
  const isUsable = () => error() === null || Math.abs(now() - goodAt) < maxStale

  const look = async (): Promise<void> => {
    const content = await file()
    unreadable = content.ok ? null : content.error
    if (content.ok && content.value !== seen) {
      seen = content.value
      const read = readRules(path, seen)
      if (read.ok) rules = read.value
      malformed = read.ok ? null : read.error
    }
    if (error() === null) goodAt = now()
  }
  return ok({
    isRevoked: async (token) => {
      await look()
      return isUsable() ? rules.match(token) : 'unknown'
    },
    health: () => ({ ready: isUsable(), entries: rules.entries, error: error() }),
  })
}

function readRules(path: string, { text }: FileContent): Result<Rules, string> {
  const file = path.endsWith('.json') ? parseStrictJson(text) : parseYaml(text)
  if (!file.ok) return err(`${path} is ${file.error}`)
  const value = file.value ?? {}
  if (validator.Check(value)) return compile(value, path)
  const [fault] = validator.Errors(value)
  return err(`${path}${fault?.instancePath}: ${fault?.message}; write jti, subjects and issued_before as lists`)
}

function parseYaml(text: string): Result<unknown, string> {
  try {
    return ok(parse(text, { uniqueKeys: true, logLevel: 'error' }))
  } catch {
    return err('not valid YAML')
  }
}

const ANY = ''

function compile(file: RevocationFile, path: string): Result<Rules, string> {
  const jti = new Set(file.jti)
  const subjects = new Set(file.subjects?.map(({ issuer, id }) => subjectKey(issuer ?? ANY, id)))
  const before = new Map<string, number>()
  for (const { issuer = ANY, time } of file.issued_before ?? []) {
    const seconds = Date.parse(time) / 1000
    if (Number.isNaN(seconds)) return err(`${path}: issued_before: ${time} is no time; write 2026-01-31T12:00:00Z`)
    before.set(issuer, Math.max(seconds, before.get(issuer) ?? 0))
  }
  const isTooOld = (issuer: string, iat: number | undefined): boolean => {
    const time = before.get(issuer)
    // A token that does not say when it was issued cannot show that it is newer.
    return time !== undefined && (iat === undefined || iat < time)
  }
  return ok({
    entries: jti.size + subjects.size + before.size,
    match: (token) =>
      (token.jti !== undefined && jti.has(token.jti)) ||
      [ANY, token.iss].some((issuer) => subjects.has(subjectKey(issuer, token.sub)) || isTooOld(issuer, token.iat)),
  })
}

const subjectKey = (issuer: string, id: string): string => JSON.stringify([issuer, id])
