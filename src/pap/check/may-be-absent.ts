import { isToolPackage, type Module } from '../rego/module.ts'
import { type Schema, schemaAt, type Vocabulary } from './vocabulary.ts'

const PROPERTIES = ['input', 'resource', 'properties']
const ARGUMENTS = [...PROPERTIES, 'arguments']

/** The part of an attribute's path, if any, that some request leaves out of the input of a `deny` or `deny_call`. */
export function absentPart(
  path: readonly string[],
  module: Module,
  kind: string,
  vocabulary: Vocabulary,
): readonly string[] | undefined {
  if (path[0] !== 'input') return undefined
  for (let length = 2; length <= path.length; length++) {
    const part = path.slice(0, length)
    if (!isAlwaysThere(part, module, kind, vocabulary)) return part
  }
  return undefined
}

function isAlwaysThere(path: readonly string[], module: Module, kind: string, vocabulary: Vocabulary): boolean {
  const name = path.at(-1) ?? ''
  // an element is one that was found
  if (name === '*' || /^\d+$/.test(name)) return true
  const parent = schemaAt(vocabulary.input, path.slice(1, -1))
  if (parent?.required?.includes(name)) return true
  const isCall = kind === 'deny_call'
  if (isCall && path.join('.') === ARGUMENTS.join('.')) return true
  const tool = isToolPackage(module) ? vocabulary.tools.get(module.package[2] ?? '') : undefined
  if (tool === undefined) return false
  // the package of a tool is reached for that tool alone, and the catalogue describes it in full
  if (path.length === PROPERTIES.length + 1 && startsWith(path, PROPERTIES)) return name !== 'arguments'
  return isCall && startsWith(path, ARGUMENTS) && isAlwaysGiven(tool, path.slice(ARGUMENTS.length))
}

const startsWith = (path: readonly string[], start: readonly string[]): boolean =>
  start.every((name, index) => path[index] === name)

/** Arguments are checked and defaults are filled in before policy is asked. */
function isAlwaysGiven(schema: Schema, path: readonly string[]): boolean {
  const parent = schemaAt(schema, path.slice(0, -1))
  const name = path.at(-1) ?? ''
  return parent?.required?.includes(name) === true || parent?.properties?.[name]?.default !== undefined
}
