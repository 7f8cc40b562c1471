import { compareText } from '../../lib/compare.ts'
import { distinct } from '../../lib/distinct.ts'
import { DECISION, MASK } from '../../pdp/entrypoints.ts'
import type { InputReads } from '../../pdp/loaded-bundle.ts'
import type { Module } from './module.ts'
import { meets, usingRules, withUsed } from './uses.ts'

type Path = readonly string[]

/** What the gateway itself looks at to take an answer for a decision. */
const OF_THE_GATEWAY: readonly Path[] = [
  ['action', 'name'],
  ['subject', 'id'],
  ['subject', 'properties', 'issuer'],
  ['subject', 'properties', 'tenant'],
]

/** Everything of the input that a decision can depend on. */
export function decisionReads(modules: readonly Module[]): InputReads {
  const { values, types } = readsOf(modules, DECISION)
  return { values: inOrder([...OF_THE_GATEWAY, ...values]), types }
}

/** Everything of a record that its mask can depend on. */
export const maskReads = (modules: readonly Module[]): InputReads => readsOf(modules, MASK)

/**
 * What a rule can read, itself or by any rule it may use. More is named rather than less: a reference
 * counts up to its first variable, and a value with all that is in it.
 */
function readsOf(modules: readonly Module[], entrypoint: string): InputReads {
  const rules = usingRules(modules)
  const asked = rules.filter(({ path }) => meets(path, entrypoint.split('/')))
  const reads = [...withUsed(asked, rules)].flatMap(({ uses }) => uses.filter(({ names }) => names[0] === 'input'))
  const pathsOf = (ofType: boolean) =>
    inOrder(reads.filter((read) => read.ofType === ofType).map(({ names }) => names.slice(1)))
  return { values: pathsOf(false), types: pathsOf(true) }
}

const inOrder = (paths: readonly Path[]): readonly Path[] =>
  distinct(paths).toSorted((a, b) => compareText(JSON.stringify(a), JSON.stringify(b)))
