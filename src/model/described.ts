import type { ClientCapability } from './caller.ts'
import type { Json, JsonObject } from './json.ts'
import type { Resource } from './resource.ts'

/** A question of its own: may there be some call of this kind? */
export type Question = { readonly action: string; readonly resource: Resource }

/** A fault in the arguments: where, and what was expected there. Never the value. */
export type ArgumentFault = { readonly pointer: string; readonly expected: string }

/** Items of a page of a list. */
export const PAGE_SIZE = 250

/** A page of a list. It comes after an item, if it is not the first: the one that the page before ended with. */
export type Page = {
  readonly after?: {
    readonly item: Resource
    /** False: there is no such item. It is asked about all the same, as an unknown tool is. */
    readonly known: boolean
  }
}

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
  /** Of a list: what a page of it could hold. Of a subscription: the resources it names. */
  readonly items: readonly Resource[]
  /** Of what is answered in pages. */
  readonly page?: Page
  /** What must be there for this to make sense: of a completion, the thing whose argument is completed. */
  readonly presupposed?: Question
  /** What the client would have to be able to be asked for, and is not. */
  readonly lacking?: readonly ClientCapability[]
  /** What the call had us keep for it, opened again. */
  readonly state?: Json
  /** True: what came back with the call answers nothing that we asked this caller for. */
  readonly foreignState?: true
}
