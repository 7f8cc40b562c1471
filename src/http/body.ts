import { err, ok, type Result } from '../lib/result.ts'
import type { RefusalAt } from '../model/refusal.ts'

export type BodyLimits = { readonly bytes: number; readonly timeoutMs: number }

/** Reads a request body, at most `bytes` of it and for at most `timeoutMs`. Reading stops where a limit is met. */
export async function readBody(request: Request, limits: BodyLimits): Promise<Result<Uint8Array, RefusalAt<'guard'>>> {
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
