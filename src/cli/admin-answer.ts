import { formatPolicyFault, type PolicyFault } from '../model/policy-fault.ts'
import { type AdminAnswer, type AdminRequest, askServer } from './admin-client.ts'
import { readTarget, type TargetFlags } from './admin-target.ts'
import { EXIT } from './exit-code.ts'
import { fail } from './report.ts'

/** What a running server answered; of what it did not do, the message and the exit code are given already. */
export async function ask(flags: TargetFlags, request: AdminRequest, member: string): Promise<AdminAnswer | undefined> {
  const target = await readTarget(flags)
  if (!target.ok) return fail(EXIT.usage, target.error)
  const answer = await askServer(target.value, request)
  if (!answer.ok) return fail(EXIT.environment, answer.error)
  const { status, body } = answer.value
  if (status !== 200) return failAsServer(answer.value, flags.format)
  if (member in body) return answer.value
  return fail(EXIT.environment, `What answers there is no Portcullis: its answer has no "${member}"`)
}

export function print({ format }: TargetFlags, { body }: AdminAnswer, lines: readonly string[]): void {
  process.stdout.write(format === 'json' ? `${JSON.stringify(body, undefined, 2)}\n` : `${lines.join('\n')}\n`)
}

/** Says what a server answered instead of what was asked for, as a person or a program reads it. */
function failAsServer({ status, body }: AdminAnswer, format: 'pretty' | 'json'): undefined {
  const code = exitCodeOf(status)
  if (format === 'json') {
    process.stdout.write(`${JSON.stringify(body, undefined, 2)}\n`)
    process.exitCode = code
    return
  }
  const { message, decision_id, reasons, scopes, faults } = body as Partial<Refusal>
  const details = [
    ...(reasons ?? []).map((reason) => `  ${reason.message} [${reason.code}]`),
    ...(scopes === undefined ? [] : [`  the token needs ${scopes.join(' ')}`]),
    ...(faults ?? []).map((fault) => `  ${formatPolicyFault(fault)}`),
    ...(status === 404 ? ['  administration over HTTP may be off: set admin.enabled, or use --socket'] : []),
    ...(decision_id === undefined ? [] : [`  decision ${decision_id}`]),
  ]
  return fail(code, [`${message ?? `The server answered ${status}`}`, ...details].join('\n'))
}

type Refusal = {
  readonly message: string
  readonly decision_id: string
  readonly reasons: readonly { readonly code: string; readonly message: string }[]
  readonly scopes: readonly string[]
  readonly faults: readonly PolicyFault[]
}

/** 409 and 422: the bundle was looked at and refused. Others of 4xx are the caller's, the rest the server's. */
function exitCodeOf(status: number): number {
  if (status === 409 || status === 422) return EXIT.finding
  return status >= 400 && status < 500 && status !== 429 && status !== 408 ? EXIT.usage : EXIT.environment
}
