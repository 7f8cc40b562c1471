const SENTINEL = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/
const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/

/**
 * The value a mirrored header carries (SEP-2243): plain visible ASCII, or UTF-8 as `=?base64?…?=`.
 * `undefined` for anything else, so that a bad encoding is a mismatch and never a guess.
 */
export function decodeMirrored(value: string): string | undefined {
  const encoded = SENTINEL.exec(value)?.[1]
  if (encoded === undefined) return PLAIN.test(value) && !value.startsWith('=?base64?') ? value : undefined
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.toString('base64') !== encoded) return undefined
  const text = bytes.toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined
}
