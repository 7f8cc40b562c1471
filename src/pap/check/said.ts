import { Type } from 'typebox'
import type { Statement } from '../rego/kinds.ts'
import type { Node, Rule } from '../rego/module.ts'
import { callIn, isDeclaration, isEvery, partsOf } from './syntax.ts'

const TEXT_FUNCTIONS = ['sprintf', 'concat', 'format_int', 'lower', 'upper']

/**
 * Why what a rule says is no statement of its kind; undefined when it is one, or when only an evaluation can
 * tell. Other policy tools take `deny contains "text"`: here it would make every decision malformed where it fires.
 */
export function saidFault({ head, body }: Rule, { schema, noun }: Statement): string | undefined {
  const what = head.key === undefined ? undefined : mismatch(assigned(head.key, body), schema)
  return what === undefined ? undefined : `says ${what}, which is no ${noun}`
}

function mismatch(said: Node, schema: Statement['schema']): string | undefined {
  const type = typeOf(said)
  if (type === undefined) return undefined
  if (type !== schema.type) return type === 'object' || type === 'array' ? `an ${type}` : `a ${type}`
  const names = namesIn(said)
  if (names === undefined || !Type.IsObject(schema)) return undefined
  const wanted = Object.keys(schema.properties)
  const unknown = names.find((name) => !wanted.includes(name))
  if (unknown !== undefined) return `an object with "${unknown}"`
  const missing = wanted.find((name) => !names.includes(name))
  return missing === undefined ? undefined : `an object without "${missing}"`
}

/** What stands in the head, or what the body gives to the variable that stands there. */
function assigned(said: Node, body: Rule['body']): Node {
  if (said.type !== 'var') return said
  for (const { terms } of body) {
    if (isDeclaration(terms) || isEvery(terms)) continue
    const { operator, operands: [variable, value] = [] } = callIn(terms) ?? {}
    if (operator === 'assign' && variable?.value === said.value && value !== undefined) return value
  }
  return said
}

function typeOf(term: Node): string | undefined {
  const { type = '' } = term
  if (type === 'templatestring') return 'string'
  if (['string', 'number', 'boolean', 'null', 'array', 'set', 'object'].includes(type)) return type
  return TEXT_FUNCTIONS.includes(callIn(term)?.operator ?? '') ? 'string' : undefined
}

/** The names of an object that is written out; undefined for anything else. */
function namesIn(object: Node): readonly string[] | undefined {
  if (object.type !== 'object') return undefined
  const names = partsOf(object).map((pair) => (Array.isArray(pair) ? (pair[0] as Node) : undefined))
  return names.every((name) => name?.type === 'string') ? names.map((name) => String(name?.value)) : undefined
}
