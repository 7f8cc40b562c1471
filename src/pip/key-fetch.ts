import { fetch } from 'undici'
import { err, ok, type Result } from '../lib/result.ts'

/** As much of `fetch` as reading a document takes. */
export type Fetch = (
  url: string,
  init: { redirect: 'error'; headers: Record<string, string>; signal: AbortSignal },
) => Promise<Answer>

type Answer = {
  readonly status: number
  readonly headers: { readonly get: (name: string) => string | null }
  readonly body: (AsyncIterable<Uint8Array> & { readonly cancel: () => Promise<void> }) | null
}

export type ReadDocument = (url: string) => Promise<Result<string, string>>

/** Not the `fetch` of Node 20: there a body that never ends outlives its deadline once memory has been collected. */
export const fetchAnywhere: Fetch = (url, init) => fetch(url, init)

const MAX_BYTES = 262_144
const TIMEOUT_MS = 2000

/** Reads a JSON document over HTTP: one answer, in time, of bounded size, from that address and no other. */
export const createReadDocument =
  (fetch: Fetch): ReadDocument =>
  async (url) => {
    try {
      const response = await fetch(url, {
        redirect: 'error',
        headers: { accept: 'application/jwk-set+json, application/json' },
        signal: AbortSignal.timeout(TIMEOUT_MS),
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

const isJson = (type: string): boolean => /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type)

async function readBody(response: Answer, url: string): Promise<Result<string, string>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > MAX_BYTES) return err(`${url} answered more than ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  return ok(Buffer.concat(chunks).toString('utf8'))
}

/** A failed `fetch` is a TypeError whatever happened; what did stands in its cause. */
function nameOf(thrown: unknown): string {
  const { name, code, cause } = Object(thrown) as { name?: unknown; code?: unknown; cause?: unknown }
  const said = [Object(cause).code, code, name].find((word) => typeof word === 'string')
  return said ?? 'unknown cause'
}
