/**
 * A JSON text in the one form that OPA hashes (v1/bundle/hash.go): no white space, keys in the order of their
 * UTF-8 bytes, strings as Go writes them without HTML escapes, and numbers spelled as they are. The text must be
 * one that the strict parser accepts.
 */
export function canonicalJson(text: string): string {
  let at = 0

  function next(): string {
    while (isBetween(text.charCodeAt(at))) at++
    return text.charAt(at)
  }

  function value(): string {
    switch (next()) {
      case '{':
        return object()
      case '[':
        return array()
      case '"':
        return quoted(string())
      default:
        return word()
    }
  }

  function object(): string {
    const members: (readonly [key: string, value: string])[] = []
    at++
    while (next() !== '}') {
      const key = string()
      members.push([key, value()])
    }
    at++
    const sorted = members.sort(([a], [b]) => byUtf8(a, b))
    return `{${sorted.map(([key, member]) => `${quoted(key)}:${member}`).join(',')}}`
  }

  function array(): string {
    const elements: string[] = []
    at++
    while (next() !== ']') elements.push(value())
    at++
    return `[${elements.join(',')}]`
  }

  function string(): string {
    const start = at
    do at = text.indexOf('"', at + 1)
    while (isEscaped(text, at))
    at++
    const token = text.slice(start, at)
    return token.includes('\\') ? String(JSON.parse(token)) : token.slice(1, -1)
  }

  function word(): string {
    WORD.lastIndex = at
    const [token = ''] = WORD.exec(text) ?? []
    if (token === '') throw new SyntaxError(`no JSON value at ${at}`)
    at += token.length
    return token
  }

  return value()
}

/** White space, `,` or `:`; grammar is the strict parser's business. */
const isBetween = (code: number): boolean => code <= 0x20 || code === 0x2c || code === 0x3a

const WORD = /[-+.\w]*/y

function isEscaped(text: string, quote: number): boolean {
  let backslashes = 0
  while (text[quote - 1 - backslashes] === '\\') backslashes++
  return backslashes % 2 === 1
}

const quoted = (text: string): string =>
  JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')

/** UTF-16 puts surrogates, which stand for the highest code points, below U+E000 to U+FFFF. */
function byUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit)
