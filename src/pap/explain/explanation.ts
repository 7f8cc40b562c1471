import type { Decided } from '../../model/decision.ts'
import type { PolicyInput } from '../../model/input.ts'
import type { Json } from '../../model/json.ts'
import type { Kind } from '../rego/kinds.ts'

/** What a term of a condition stood for; without a value it was undefined. */
export type TermValue = { readonly term: string; readonly value?: Json }

/** One line of Rego as it was evaluated, and what made it come out so. */
export type Condition = {
  readonly file: string
  readonly line: number
  readonly text: string
  readonly values: readonly TermValue[]
  readonly negated?: true
  /** How many bindings it was tried with, when more than one. */
  readonly tried?: number
  /** What failed below it; of a negation that failed: what held. */
  readonly causes: readonly Condition[]
}

/** One body of a rule: several bodies are alternatives. */
export type Body = {
  readonly file: string
  readonly line: number
  /** Conditions that held before the one that failed. */
  readonly held: number
  /** Absent: the body held. */
  readonly failed?: Condition
  /** Of a body that held: its negations, and what they negate. */
  readonly because: readonly Condition[]
}

export type RuleFinding = {
  readonly kind: Kind
  /** `rules.<area>.<rule>` or `tools.<tool>` */
  readonly rule: string
  readonly title?: string
  readonly code?: string
  /** `not_asked`: whether some call exists was the question, and this kind is about a call. */
  readonly state: 'fired' | 'not_fired' | 'not_asked'
  readonly said: readonly Json[]
  /** Empty without the policy's source. */
  readonly bodies: readonly Body[]
}

/** One thing about the question that could be otherwise. */
export type Change =
  | { readonly change: 'role'; readonly add: string }
  | { readonly change: 'scope'; readonly add: readonly string[] }
  | { readonly change: 'path'; readonly argument: string; readonly below: string }
  | { readonly change: 'path'; readonly argument: string; readonly without: string }

export type Changes = {
  /** Sets of changes as small as they come; each alone would bring a permit. */
  readonly permitted_with: readonly (readonly Change[])[]
  /** Decisions made to find them. */
  readonly tried: number
  /** False: there were more combinations than are tried. */
  readonly complete: boolean
}

export type Explanation = {
  readonly input: PolicyInput
  readonly policy: { readonly revision: string; readonly sha256: string }
  readonly decision: Decided
  readonly rules: readonly RuleFinding[]
  /** Where the lines of conditions stand. */
  readonly source: 'tree' | 'bundle' | 'none'
  /** Why conditions are missing. */
  readonly without_conditions?: string
  /** Where `opa eval` and the compiled policy differ. WASM decides; anything here is a defect to be reported. */
  readonly disagreements: readonly string[]
  readonly changes: Changes
  /** The tool that was meant, of a name that the catalogue does not know. */
  readonly unknown_tool?: { readonly closest?: string }
}
