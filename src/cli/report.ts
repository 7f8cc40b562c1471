import { formatPolicyFault, type PolicyFault } from '../model/policy-fault.ts'
import { EXIT } from './exit-code.ts'

/** Says on standard error what is wrong, and by the exit code what kind of wrong it is. */
export function fail(code: number, message: string): undefined {
  process.stderr.write(`${message}\n`)
  process.exitCode = code
}

export const failWithFaults = (title: string, faults: readonly PolicyFault[]): undefined =>
  fail(EXIT.usage, [title, ...faults.map((fault) => `  ${formatPolicyFault(fault)}`)].join('\n'))
