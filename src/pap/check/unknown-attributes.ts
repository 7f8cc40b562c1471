import { closest } from '../../lib/closest.ts'
import type { Finding } from '../../model/finding.ts'
import { type Json, type JsonObject, membersOf } from '../../model/json.ts'
import type { Module } from '../rego/module.ts'
import type { Known } from './never-matches.ts'
import { pathsOf } from './origin.ts'
import type { Resolver } from './origins.ts'
import { DATA_FOLDERS } from './structure.ts'
import { surveyOf } from './syntax.ts'
import { schemaAt, type Vocabulary } from './vocabulary.ts'

const ARGUMENTS = ['input', 'resource', 'properties', 'arguments']

/** References to attributes of the input, arguments of a tool or members of the data that are never there. */
export function unknownAttributes(modules: readonly Module[], resolver: Resolver, known: Known): readonly Finding[] {
  return modules.filter(readsPolicyInput).flatMap((module) =>
    module.rules.flatMap((rule) =>
      surveyOf(module, rule).references.flatMap(({ node, scope, line, isGuarded }) => {
        const paths = pathsOf(resolver.originsOf(node, scope))
        return paths.flatMap((path) => {
          const fault =
            path[0] === 'input'
              ? inputFault(path, module, known.vocabulary)
              : isGuarded
                ? undefined
                : dataFault(path, known.data)
          return fault === undefined ? [] : [{ check: 'unknown-attribute', file: module.file, line, ...fault }]
        })
      }),
    ),
  )
}

type Fault = Pick<Finding, 'level' | 'message' | 'remedy'>

/** The input of the mask is a record. */
const readsPolicyInput = (module: Module): boolean => !(module.package[0] === 'mcp' && module.package[1] === 'log')

function inputFault(path: readonly string[], module: Module, vocabulary: Vocabulary): Fault | undefined {
  const [argument] = ARGUMENTS.every((name, index) => path[index] === name) ? path.slice(ARGUMENTS.length) : []
  const [, area, tool = ''] = module.package
  const takes = area === 'tools' ? vocabulary.tools.get(tool)?.properties : undefined
  if (argument !== undefined && argument !== '*' && takes !== undefined) {
    if (Object.hasOwn(takes, argument)) return undefined
    return absent(path.join('.'), `${tool} takes no argument "${argument}"`, argument, Object.keys(takes))
  }
  const at = path.findIndex((_, index) => schemaAt(vocabulary.input, path.slice(1, index + 1)) === undefined)
  if (at === -1) return undefined
  const parent = schemaAt(vocabulary.input, path.slice(1, at))
  const message = `the policy input has no ${path.slice(1, at + 1).join('.')}`
  return absent(path.join('.'), message, path[at] ?? '', Object.keys(parent?.properties ?? {}))
}

function absent(path: string, message: string, name: string, names: readonly string[]): Fault {
  const meant = closest(name, names)
  const remedy = names.length === 0 ? 'Remove it' : `Name one of ${names.join(', ')}`
  return {
    level: 'error',
    message: `${message}: ${path} is always undefined`,
    remedy: meant === undefined ? remedy : `Did you mean "${meant}"? ${remedy}`,
  }
}

/** A name written out must be there; what no member of a table has, only looks like a mistake. */
function dataFault(path: readonly string[], data: JsonObject): Fault | undefined {
  const [, root = '', folder = '', ...rest] = path
  const table = membersOf(data[root])[folder]
  if (root !== 'mcp' || !DATA_FOLDERS.some((name) => name === folder) || table === undefined) return undefined
  let values: readonly Json[] = [table]
  for (const [index, name] of rest.entries()) {
    const names = [...new Set(values.flatMap((value) => Object.keys(childrenOf(value))))]
    values = values.flatMap((value) => (name === '*' ? Object.values(childrenOf(value)) : memberOf(value, name)))
    if (values.length > 0 || names.length === 0) continue
    const fault = absent(
      path.join('.'),
      `mcp/${folder}/data.yaml has no ${rest.slice(0, index + 1).join('.')}`,
      name,
      names,
    )
    return { ...fault, level: index === 0 ? 'error' : 'warning' }
  }
  return undefined
}

const memberOf = (value: Json, name: string): readonly Json[] =>
  Object.hasOwn(childrenOf(value), name) ? [childrenOf(value)[name] ?? null] : []

/** Members of an object or elements of a list. */
const childrenOf = (value: Json): JsonObject =>
  Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : membersOf(value)
