import { err, ok, type Result } from '../lib/result.ts'

export type GateLimits = {
  readonly depth: number
  /** Keys of one object: objects in WASM are hash tables without a seed, so more would let a caller flood them. */
  readonly keys: number
  /** Values in all, keys included. */
  readonly nodes: number
  readonly bytes: number
}

export const INPUT_LIMITS: GateLimits = { depth: 64, keys: 256, nodes: 20_000, bytes: 262_144 }
/** A record holds an input and its result, one level down. */
export const RECORD_LIMITS: GateLimits = { depth: 68, keys: 256, nodes: 40_000, bytes: 524_288 }

const encoder = new TextEncoder()

/**
 * The bytes that reach WASM: the value serialised anew, so that its parser, which is not one of JSON, sees
 * only what `JSON.stringify` writes. Lone surrogates would abort the instance, depth its parser, many keys
 * its hash tables; a falsy value would be taken for no input at all.
 */
export function gate(value: object, limits: GateLimits = INPUT_LIMITS): Result<ArrayBuffer, string> {
  const fault = createInspection(limits)(value, 1)
  if (fault !== undefined) return err(fault)
  const text = JSON.stringify(value)
  // UTF-8 takes at least one byte for a UTF-16 unit, so this spares encoding what is too long anyway.
  if (text.length > limits.bytes) return err(`more than ${limits.bytes} bytes`)
  const bytes = encoder.encode(text)
  if (bytes.byteLength > limits.bytes) return err(`more than ${limits.bytes} bytes`)
  const { buffer, byteLength } = bytes
  return ok(buffer.byteLength === byteLength ? buffer : buffer.slice(0, byteLength))
}

function createInspection(limits: GateLimits): (value: unknown, depth: number) => string | undefined {
  let nodes = 0

  function inspect(value: unknown, depth: number): string | undefined {
    nodes++
    if (nodes > limits.nodes) return `more than ${limits.nodes} values`
    switch (typeof value) {
      case 'string':
        return value.isWellFormed() ? undefined : 'a string is not well-formed Unicode'
      case 'number':
        return Number.isFinite(value) ? undefined : 'a number is not finite'
      case 'boolean':
        return undefined
      case 'object':
        if (value === null) return undefined
        if (depth > limits.depth) return `nested deeper than ${limits.depth} levels`
        return Array.isArray(value) ? inspectElements(value, depth) : inspectMembers(value, depth)
      default:
        return `a value of type ${typeof value} is not JSON`
    }
  }

  function inspectElements(elements: readonly unknown[], depth: number): string | undefined {
    for (const element of elements) {
      const fault = inspect(element, depth + 1)
      if (fault !== undefined) return fault
    }
    return undefined
  }

  function inspectMembers(members: object, depth: number): string | undefined {
    if ('toJSON' in members && typeof members.toJSON === 'function') return 'an object that is not plain'
    let keys = 0
    for (const key in members) {
      keys++
      if (keys > limits.keys) return `more than ${limits.keys} keys in one object`
      nodes++
      if (!key.isWellFormed()) return 'a key is not well-formed Unicode'
      const fault = inspect((members as Readonly<Record<string, unknown>>)[key], depth + 1)
      if (fault !== undefined) return fault
    }
    return undefined
  }

  return inspect
}
