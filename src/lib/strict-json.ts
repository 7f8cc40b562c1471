import { err, ok, type Result } from './result.ts'

export type JsonLimits = { readonly depth: number }

/**
 * Parses JSON (RFC 8259) and refuses what two parsers could read differently: duplicate keys, also when
 * escaped, `__proto__`, lone surrogates, numbers that overflow, and nesting beyond `depth`. Whatever it
 * accepts equals `JSON.parse`.
 *
 * The scan comes first because `JSON.parse` itself follows any depth, and it only looks at structure:
 * grammar stays the business of `JSON.parse`.
 */
export function parseStrictJson(text: string, limits: JsonLimits = { depth: 64 }): Result<unknown, string> {
  if (!text.isWellFormed()) return err('a string is not well-formed Unicode')
  const fault = scan(text, limits.depth)
  if (fault !== undefined) return err(fault)
  try {
    const value: unknown = JSON.parse(text)
    if (SURROGATE_ESCAPE.test(text) && !isWellFormed(value)) return err('a string is not well-formed Unicode')
    return ok(value)
  } catch {
    return err('not valid JSON')
  }
}

/** UTF-8 (RFC 3629) without replacement characters; a byte order mark stays and is refused by the parser. */
export function decodeUtf8(bytes: Uint8Array): Result<string, string> {
  try {
    return ok(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    return err('not valid UTF-8')
  }
}

const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y

type Container = { readonly keys: Set<string> | undefined; expectsKey: boolean }

function scan(text: string, depth: number): string | undefined {
  const open: Container[] = []
  for (let i = 0; i < text.length; i++) {
    const inside = open[open.length - 1]
    switch (text[i]) {
      case '{':
      case '[':
        if (open.length >= depth) return `nested deeper than ${depth} levels`
        open.push(text[i] === '{' ? { keys: new Set(), expectsKey: true } : { keys: undefined, expectsKey: false })
        break
      case '}':
      case ']':
        open.pop()
        break
      case ',':
        if (inside?.keys !== undefined) inside.expectsKey = true
        break
      case '"': {
        const end = endOfString(text, i)
        if (end === -1) return 'not valid JSON'
        if (inside?.keys !== undefined && inside.expectsKey) {
          const fault = addKey(inside.keys, text.slice(i, end + 1))
          if (fault !== undefined) return fault
          inside.expectsKey = false
        }
        i = end
        break
      }
      default:
        if (isNumberStart(text.charCodeAt(i))) {
          NUMBER.lastIndex = i
          const token = NUMBER.exec(text)?.[0]
          if (token === undefined) return 'not valid JSON'
          if (!Number.isFinite(Number(token))) return 'a number is out of range'
          i += token.length - 1
        }
    }
  }
  return undefined
}

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0
    while (text[end - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return end
  }
  return -1
}

function addKey(keys: Set<string>, quoted: string): string | undefined {
  let key = quoted.slice(1, -1)
  if (key.includes('\\')) {
    try {
      key = String(JSON.parse(quoted))
    } catch {
      return 'not valid JSON'
    }
  }
  if (key === '__proto__') return 'the key __proto__ is not accepted'
  if (keys.has(key)) return 'a key stands twice in one object'
  keys.add(key)
  return undefined
}

const isNumberStart = (code: number): boolean => code === 0x2d || (code >= 0x30 && code <= 0x39)

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (Array.isArray(value)) return value.every(isWellFormed)
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([key, member]) => key.isWellFormed() && isWellFormed(member))
}
