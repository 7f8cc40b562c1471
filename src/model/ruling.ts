import type { Decided } from './decision.ts'
import type { JsonObject } from './json.ts'

/** Erases a pointer below `/input` or `/result`, or replaces what it names. OPA's decision log masks. */
export type Mask = string | { readonly op: 'remove' | 'upsert'; readonly path: string; readonly value?: unknown }

/** `absent`: the policy has no mask of its own. An error says why it could not be had. */
export type Masks =
  | { readonly ok: true; readonly value: readonly Mask[] | 'absent' }
  | { readonly ok: false; readonly error: string }

/** What one policy said: everything that is asked or masked of one request comes from the same one. */
export type Ruling = {
  readonly decided: Decided
  readonly bundle: { readonly revision: string; readonly sha256: string }
  readonly mask: (record: JsonObject) => Masks
}
