import type { Guard } from './guard.ts'

/**
 * Headers that decide something. Sent twice, two parsers could read two different ones. `Authorization` is no
 * exception, but OAuth has an answer of its own to it: that is given where credentials are read.
 */
const SINGLE = new Set(['content-type', 'content-length', 'content-encoding', 'transfer-encoding'])

/**
 * Caps count and bytes of the headers, refuses those of ours that come twice and codings that nobody undoes.
 * Node 20 drops headers beyond about 1 000 without a word and serves the rest (measured), so the count is
 * checked here.
 */
export function guardHeaders(limits: { readonly count: number; readonly bytes: number }): Guard {
  return ({ headers }) => {
    const bytes = headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
    if (headers.length > limits.count || bytes > limits.bytes) return { code: 'headers_too_large' }
    const seen = new Set<string>()
    for (const [name, value] of headers) {
      // Node frames `gzip, chunked` too, and hands the body on as it is: a proxy in front may read another one (C-058)
      if (name === 'transfer-encoding' && value.toLowerCase() !== 'chunked') return { code: 'bad_request' }
      if (!SINGLE.has(name) && !name.startsWith('mcp-')) continue
      if (seen.has(name)) return { code: 'bad_request' }
      seen.add(name)
    }
    return undefined
  }
}
