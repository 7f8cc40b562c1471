import { err, ok, type Result } from '../lib/result.ts'
import { watchFile } from '../lib/watched-file.ts'

/** Where a key set comes from, and how long in milliseconds what it said may be used. */
export type KeySource = {
  readonly read: () => Promise<Result<string, string>>
  /** Age at which it is read again beside the requests. */
  readonly refreshAfter: number
  /** Age at which requests wait for it to be read again. */
  readonly maxAge: number
  /** Age at which keys are no longer used, although reading fails. */
  readonly maxStale: number
  /** Least time between two readings. */
  readonly coolDown: number
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const MAX_BYTES = 262_144
const FETCH_TIMEOUT = 2 * SECOND

/** Reads a JWKS over HTTP: one answer, in time, of bounded size, from that address and no other. */
export function createUrlKeySource(options: {
  readonly url: string
  readonly fetch: typeof globalThis.fetch
}): KeySource {
  const { url, fetch } = options
  const read = async (): Promise<Result<string, string>> => {
    try {
      const response = await fetch(url, {
        redirect: 'error',
        headers: { accept: 'application/jwk-set+json, application/json' },
        signal: AbortSignal.timeout(FETCH_TIMEOUT),
      })
      const type = response.headers.get('content-type') ?? ''
      const refused = response.status !== 200 ? `status ${response.status}` : isJson(type) ? undefined : 'not JSON'
      if (refused !== undefined) {
        await response.body?.cancel()
        return err(`${url} answered ${refused}`)
      }
      return await readBody(response, url)
    } catch (error) {
      return err(`${url} cannot be read (${nameOf(error)})`)
    }
  }
  return { read, refreshAfter: 5 * MINUTE, maxAge: 10 * MINUTE, maxStale: 60 * MINUTE, coolDown: 30 * SECOND }
}

/** Reads a JWKS from a file, and again within a second of its change. */
export function createFileKeySource(options: { readonly path: string; readonly now: () => number }): KeySource {
  const file = watchFile({ ...options, maxBytes: MAX_BYTES, interval: 0 })
  const read = async () => {
    const content = await file()
    return content.ok ? ok(content.value.text) : content
  }
  return { read, refreshAfter: 0, maxAge: 0, maxStale: 60 * MINUTE, coolDown: SECOND }
}

const isJson = (type: string): boolean => /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type)

async function readBody(response: Response, url: string): Promise<Result<string, string>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > MAX_BYTES) return err(`${url} answered more than ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  return ok(Buffer.concat(chunks).toString('utf8'))
}

const nameOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'name' in error ? error.name : 'unknown cause'
