import type { JsonObject } from '../../model/json.ts'
import type { Side } from './atlas.ts'
import { literalsIn } from './literals.ts'
import { policyData } from './policy-data.ts'

/** What a policy's data and the sources of its rules say of the questions worth asking. */
export function sideOf(data: JsonObject, sources: readonly string[]): Side {
  return {
    data: policyData(data),
    literals: literalsIn(sources),
    attributes: { arguments: membersOf('arguments', sources), claims: membersOf('claims', sources) },
  }
}

/** Names that rules look up in an object of the input: `arguments.name` or `arguments["name"]`. */
function membersOf(object: string, sources: readonly string[]): readonly string[] {
  const use = new RegExp(`\\b${object}(?:\\.(\\w+)|\\["([^"\\\\]+)"\\]|,\\s*"([^"\\\\]+)")`, 'g')
  const names = sources.flatMap((source) => [...source.matchAll(use)].map(([, a, b, c]) => a ?? b ?? c ?? ''))
  return [...new Set(names)].toSorted()
}
