import type { PolicyFault } from './policy-fault.ts'

/** What a check of a policy found, in a form that a person, an editor and a pipeline can show. */
export type Finding = PolicyFault & {
  /** Stable name of the check, such as `opa-fmt` or `unknown-role`. */
  readonly check: string
  readonly level: 'error' | 'warning'
}
