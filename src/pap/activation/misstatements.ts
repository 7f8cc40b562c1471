import { Errors } from 'typebox/value'
import type { PolicyInput } from '../../model/input.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { Policy } from '../../pdp/engine.ts'
import { STATEMENTS } from '../rego/kinds.ts'
import { compiledReport } from './report.ts'

/** The rules that say, of this question, what no rule of their kind can say. */
export const misstatements = (policy: Policy, input: PolicyInput): readonly PolicyFault[] =>
  (compiledReport(policy, input) ?? []).flatMap(({ kind, rule, said }) => {
    const { schema, noun, remedy } = STATEMENTS[kind]
    const [fault] = said.flatMap((statement) => Errors(schema, statement))
    if (fault === undefined) return []
    const at = fault.instancePath === '' ? '' : ` at ${fault.instancePath}`
    return [{ message: `${kind} of mcp.${rule} says what is no ${noun}${at}: ${fault.message}`, remedy }]
  })
