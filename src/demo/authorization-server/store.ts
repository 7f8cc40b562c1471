import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { err, ok, type Result } from '../../lib/result.ts'
import { readPrivateFile, replacePrivateFile } from '../private-file.ts'

export type Entry<Payload> = { readonly payload: Payload; readonly expires: number | null }

/** What the authorization server remembers: clients, sessions, grants, codes and refresh tokens, by kind and id. */
export type Store<Payload> = {
  readonly get: (kind: string, id: string) => Payload | undefined
  readonly find: (kind: string, test: (payload: Payload) => boolean) => Payload | undefined
  /** Resolves when it is on disk. */
  readonly set: (kind: string, id: string, payload: Payload, seconds?: number) => Promise<void>
  readonly remove: (kind: string, id: string) => Promise<void>
  readonly removeAll: (test: (payload: Payload) => boolean) => Promise<void>
}

/** Anybody may register a client or begin a login: of each kind the oldest go when there are more. */
export const MAX_OF_A_KIND = 200

type Kinds<Payload> = Map<string, Map<string, Entry<Payload>>>

/** A store in one file, which is replaced whole after every change. `now` in milliseconds. */
export async function openStore<Payload>(options: {
  readonly path: string
  readonly newId: () => string
  readonly now: () => number
}): Promise<Result<Store<Payload>, string>> {
  const { path, newId, now } = options
  const remedy = `remove ${path} and start again; clients then register and log in anew`
  const text = await readPrivateFile(path)
  if (!text.ok) return err(`what the authorization server of the demo remembers ${text.error}; ${remedy}`)
  const kinds = parse<Payload>(text.value ?? '{}')
  if (kinds === undefined) return err(`what the authorization server of the demo remembers is malformed; ${remedy}`)

  const save = writingLatest(() => {
    for (const entries of kinds.values()) dropExpired(entries, now())
    const written = Object.fromEntries([...kinds].map(([kind, entries]) => [kind, Object.fromEntries(entries)]))
    return replacePrivateFile(path, JSON.stringify(written), newId())
  })
  const living = (entry: Entry<Payload> | undefined) =>
    entry !== undefined && !isExpired(entry, now()) ? entry.payload : undefined

  return ok({
    get: (kind, id) => living(kinds.get(kind)?.get(id)),
    find: (kind, test) =>
      [...(kinds.get(kind)?.values() ?? [])].map(living).find((payload) => payload !== undefined && test(payload)),
    set: (kind, id, payload, seconds) => {
      const entries = kinds.get(kind) ?? new Map<string, Entry<Payload>>()
      kinds.set(kind, entries)
      entries.delete(id)
      entries.set(id, { payload, expires: seconds === undefined ? null : now() + seconds * 1000 })
      dropExpired(entries, now())
      dropOldest(entries)
      return save()
    },
    remove: (kind, id) => (kinds.get(kind)?.delete(id) ? save() : Promise.resolve()),
    removeAll: (test) => {
      for (const entries of kinds.values()) {
        for (const [id, { payload }] of entries) if (test(payload)) entries.delete(id)
      }
      return save()
    },
  })
}

const isExpired = ({ expires }: Entry<unknown>, now: number): boolean => expires !== null && expires <= now

function dropExpired(entries: Map<string, Entry<unknown>>, now: number): void {
  for (const [id, entry] of entries) if (isExpired(entry, now)) entries.delete(id)
}

function dropOldest(entries: Map<string, Entry<unknown>>): void {
  const [oldest] = entries.keys()
  if (oldest !== undefined && entries.size > MAX_OF_A_KIND) entries.delete(oldest)
}

/** One writing at a time; changes made meanwhile go into the one that follows. */
function writingLatest(write: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve()
  let following: Promise<void> | undefined
  return () => {
    following ??= running
      .catch(() => undefined)
      .then(() => {
        following = undefined
        running = write()
        return running
      })
    return following
  }
}

const File = Type.Record(
  Type.String(),
  Type.Record(
    Type.String(),
    Type.Object({ payload: Type.Object({}), expires: Type.Union([Type.Number(), Type.Null()]) }),
  ),
)

/** The file is for this user alone and written by this program: payloads are taken as they are. */
function parse<Payload>(text: string): Kinds<Payload> | undefined {
  try {
    const json: unknown = JSON.parse(text)
    if (!Value.Check(File, json)) return undefined
    const kinds = Object.entries(json).map(
      ([kind, entries]) => [kind, new Map(Object.entries(entries) as [string, Entry<Payload>][])] as const,
    )
    return new Map(kinds)
  } catch {
    return undefined
  }
}
