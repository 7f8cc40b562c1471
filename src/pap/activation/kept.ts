import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { sha256 } from '../../lib/digest.ts'
import { errorCode } from '../../lib/error-code.ts'
import { replaceFile } from '../../lib/replace-file.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { parseStrictJson } from '../../lib/strict-json.ts'
import { thrownText } from '../../lib/thrown-text.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'

const closed = { additionalProperties: false }
const Identity = {
  revision: Type.String(),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  version: Type.Optional(Type.Number()),
}

/** What outlives the process of a rollout. The bundles themselves lie beside it, each named by its digest. */
export const KeptState = Type.Object(
  {
    /** Where it all came from: of another source nothing of this is true. */
    source: Type.String(),
    active: Type.Object({ ...Identity, activated_at: Type.String() }, closed),
    previous: Type.Optional(Type.Object(Identity, closed)),
    /** Taken out of force by an operator: the source alone does not bring it back. */
    rejected: Type.Array(Identity.sha256),
    /** The highest version that was in force. */
    floor: Type.Optional(Type.Number()),
    confirmed_at: Type.String(),
  },
  closed,
)
export type KeptState = Static<typeof KeptState>

export type KeptBundles = {
  readonly state: () => Promise<Result<KeptState | undefined, PolicyFault>>
  readonly bundle: (sha256: string) => Promise<Result<Uint8Array, PolicyFault>>
  /** Keeps this state and these bundles, and nothing else. A crash at any point leaves the state before or this one. */
  readonly keep: (state: KeptState, bundles: readonly Uint8Array[]) => Promise<Result<void, PolicyFault>>
}

/** Without a folder nothing outlives the process. */
export const KEPT_NOWHERE: KeptBundles = {
  state: async () => ok(undefined),
  bundle: async () => err({ message: 'no bundle was kept', remedy: 'Set policy.state to a folder' }),
  keep: async () => ok(undefined),
}

const STATE_FILE = 'rollout.json'
const validator = Compile(KeptState)

/** Keeps bundles in a folder of the server's own, readable by it alone. */
export function createKeptBundles(folder: string): KeptBundles {
  const stateFile = join(folder, STATE_FILE)
  const fileOf = (digest: string) => join(folder, `${digest}.tar.gz`)

  const state: KeptBundles['state'] = async () => {
    const text = await readIfThere(stateFile)
    if (!text.ok) return text
    if (text.value === undefined) return ok(undefined)
    const json = parseStrictJson(text.value.toString('utf8'))
    if (json.ok && validator.Check(json.value)) return ok(json.value)
    return err({
      file: stateFile,
      message: 'is damaged: which versions were in force cannot be known',
      remedy: 'Restore it, or remove it to begin anew with what the source offers',
    })
  }

  const bundle: KeptBundles['bundle'] = async (digest) => {
    const file = fileOf(digest)
    const bytes = await readIfThere(file)
    if (!bytes.ok) return bytes
    if (bytes.value !== undefined && sha256(bytes.value) === digest) return ok(bytes.value)
    const message = bytes.value === undefined ? 'is not there' : 'is not what was kept'
    return err({ file, message, remedy: 'Make the policy source reachable' })
  }

  const keep: KeptBundles['keep'] = async (next, bundles) => {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const names = new Set<string>([STATE_FILE])
      const there = new Set(await readdir(folder))
      for (const bytes of bundles) {
        const name = `${sha256(bytes)}.tar.gz`
        names.add(name)
        if (!there.has(name)) await write(join(folder, name), bytes)
      }
      await write(stateFile, JSON.stringify(next))
      const leftOver = [...there].filter((name) => OURS.test(name) && !names.has(name))
      await Promise.all(leftOver.map((name) => rm(join(folder, name), { force: true })))
      return ok(undefined)
    } catch (thrown) {
      const message = `what is in force cannot be kept: ${thrownText(thrown)}`
      return err({
        file: folder,
        message,
        remedy: 'Let the server write there: a restart without its source would fail',
      })
    }
  }

  return { state, bundle, keep }
}

/** Bundles, and what a crash left of one that was being written. */
const OURS = /^(?:[0-9a-f]{64}\.tar\.gz|rollout\.json)(?:\.[0-9a-f-]{36})?$/

async function readIfThere(file: string): Promise<Result<Buffer | undefined, PolicyFault>> {
  try {
    return ok(await readFile(file))
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return ok(undefined)
    return err({ file, message: thrownText(thrown), remedy: 'Let the server read it' })
  }
}

const write = (file: string, content: string | Uint8Array): Promise<void> =>
  replaceFile(file, content, { mode: 0o600, id: randomUUID() })
