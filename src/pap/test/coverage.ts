import { formatPolicyFault, type PolicyFault } from '../../model/policy-fault.ts'
import type { Suite } from '../../model/suite.ts'
import type { LineCoverage } from './line-coverage.ts'
import type { Measured } from './measured.ts'

export type Coverage = {
  /** Lines of the policy that Rego tests reach; absent while a Rego test fails. */
  readonly lines?: LineCoverage
  /** Kinds of rules that cases saw firing, and not firing. */
  readonly rules: Measured
  /** Tools that cases saw permitted, denied, and denied for their arguments. */
  readonly catalogue: Measured
}

/** Per cent below which tests count as failed. */
export type Minimums = { readonly coverage: number; readonly catalogue: number }

export type Gate = { readonly name: keyof Coverage; readonly least: number; readonly measured: Measured }

/** What is measured beside what is asked for. */
export const gatesOf = ({ lines, rules, catalogue }: Coverage, least: Minimums): readonly Gate[] => [
  ...(lines === undefined ? [] : [{ name: 'lines', least: least.coverage, measured: lines } as const]),
  { name: 'rules', least: least.coverage, measured: rules },
  { name: 'catalogue', least: least.catalogue, measured: catalogue },
]

export const isShort = ({ least, measured }: Gate): boolean => measured.percent < least

/** One test for each figure; its faults name everything that is not covered. */
export const coverageSuite = (gates: readonly Gate[]): Suite => ({
  name: 'coverage',
  milliseconds: 0,
  cases: gates.map((gate) => ({
    name: `${gate.name}: ${gate.measured.percent} %, ${gate.least} % wanted`,
    faults: isShort(gate) ? gate.measured.uncovered.map(formatPolicyFault) : [],
  })),
})

export const withinRoot =
  (prefix: string) =>
  <T extends Pick<PolicyFault, 'file'>>(fault: T): T =>
    fault.file === undefined ? fault : { ...fault, file: prefix === '' ? fault.file : `${prefix}/${fault.file}` }
