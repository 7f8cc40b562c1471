import type { PolicyFault } from '../../model/policy-fault.ts'
import type { OpaRun } from './opa.ts'

type OpaError = {
  readonly message?: string
  readonly code?: string
  readonly location?: { readonly file?: string; readonly row?: number }
}

/** What OPA said, one fault for each error: from its JSON when it gave any, else from its text. */
export function opaFaults(run: OpaRun, remedy: string): readonly PolicyFault[] {
  const errors = errorsIn(run.stderr) ?? errorsIn(run.stdout)
  if (errors !== undefined) {
    return errors.map(({ message, code, location }) => ({
      ...(location?.file === undefined ? {} : { file: location.file }),
      ...(location?.row === undefined ? {} : { line: location.row }),
      message: [code, message].filter(Boolean).join(': '),
      remedy,
    }))
  }
  const lines = (run.stderr || run.stdout)
    .split('\n')
    .filter((line) => !/^\s*(?:(?:error: )?\d+ errors occurred:)?\s*$/.test(line))
  return lines.length === 0
    ? [{ message: `opa ended with code ${run.code}`, remedy }]
    : lines.map((line) => lineFault(line, remedy))
}

function errorsIn(text: string): readonly OpaError[] | undefined {
  try {
    const { errors }: { errors?: readonly OpaError[] } = JSON.parse(text)
    return errors
  } catch {
    return undefined
  }
}

function lineFault(line: string, remedy: string): PolicyFault {
  const place =
    /^(?:error: )?(?:\d+ errors? occurred: )?(?<file>[^\s:]+\.(?:rego|ya?ml|json)):(?<row>\d+): (?<message>.*)$/
  const { file, row, message } = place.exec(line.trim())?.groups ?? {}
  if (file === undefined || message === undefined) return { message: line.trim(), remedy }
  return { file, line: Number(row), message, remedy }
}
