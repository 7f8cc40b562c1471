import { err, ok, type Result } from '../lib/result.ts'
import type { RefusalAt } from '../model/refusal.ts'

export type BodyLimits = { readonly bytes: number; readonly timeoutMs: number }

type Read = Result<Uint8Array, RefusalAt<'guard'>>

/**
 * Reads a request body, at most `bytes` of it and for at most `timeoutMs`. Reading stops where a limit is met.
 * `declared` is its `Content-Length`, which the HTTP parser holds the sender to.
 */
export const readBody = (request: Request, limits: BodyLimits, declared?: number): Promise<Read> =>
  declared !== undefined && declared <= limits.bytes ? readWhole(request, limits) : readPieces(request, limits)

/** Without a stream, which costs as much as a decision. */
async function readWhole(request: Request, limits: BodyLimits): Promise<Read> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limits.timeoutMs)
  })
  try {
    const body = await Promise.race([request.arrayBuffer(), late])
    if (body === undefined) return err({ code: 'request_timeout' })
    return body.byteLength > limits.bytes ? err({ code: 'body_too_large' }) : ok(new Uint8Array(body))
  } catch {
    return err({ code: 'bad_request' })
  } finally {
    clearTimeout(timer)
  }
}

async function readPieces(request: Request, limits: BodyLimits): Promise<Read> {
  if (request.body === null) return ok(new Uint8Array())
  const reader = request.body.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  let late = false
  const timer = setTimeout(() => {
    late = true
    reader.cancel().catch(() => undefined)
  }, limits.timeoutMs)
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (late) return err({ code: 'request_timeout' })
      if (done) return ok(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks))
      size += value.byteLength
      if (size > limits.bytes) {
        reader.cancel().catch(() => undefined)
        return err({ code: 'body_too_large' })
      }
      chunks.push(value)
    }
  } catch {
    return err({ code: late ? 'request_timeout' : 'bad_request' })
  } finally {
    clearTimeout(timer)
  }
}
