import type { JsonObject } from './json.ts'
import type { Resource } from './resource.ts'

/** A fault in the arguments: where, and what was expected there. Never the value. */
export type ArgumentFault = { readonly pointer: string; readonly expected: string }

/** What our catalogue knows of the thing called. Faults are kept for after the decision, so that they tell nothing of what is hidden. */
export type Described = {
  readonly known: boolean
  /** With `arguments` and `paths` only when there are no faults. */
  readonly resource: Resource
  readonly faults: readonly ArgumentFault[]
  /** `Mcp-Param-*` headers that are missing or differ from the argument they mirror. */
  readonly mismatched: readonly string[]
  /** The arguments as they will be executed: parsed, defaults applied. */
  readonly arguments: JsonObject
  /** Of a list: what it could hold. */
  readonly items: readonly Resource[]
}
