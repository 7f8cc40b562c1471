import { setImmediate } from 'node:timers/promises'
import { err, type Result } from '../../lib/result.ts'
import type { Decided, Indeterminate } from '../../model/decision.ts'
import type { PolicyInput } from '../../model/input.ts'
import type { JsonObject } from '../../model/json.ts'
import { formatPolicyFault, type PolicyFault } from '../../model/policy-fault.ts'
import type { DecisionRecord } from '../../model/record.ts'
import type { Masks } from '../../model/ruling.ts'
import type { SuiteCase } from '../../model/suite.ts'
import type { Policy } from '../../pdp/engine.ts'
import { DECISION, REPORT } from '../../pdp/entrypoints.ts'
import type { Case } from './cases.ts'
import type { PolicyOn } from './policies.ts'
import { wantFaults } from './want.ts'

export type CaseRun = {
  readonly case: Case
  readonly decided: Decided
  /** What each rule said, by the entrypoint for it. */
  readonly report: () => Result<unknown, string>
  /** No faults: the compiled policy decides what the case wants. */
  readonly faults: readonly string[]
}

/** A record as it may be written, its masks applied. */
export type MaskRecord = (record: DecisionRecord, masks: Masks) => DecisionRecord

/** Decides each case on the compiled policy, the same WASM that a server runs. */
export async function runCases(
  cases: readonly Case[],
  policyOn: PolicyOn,
  maskRecord: MaskRecord,
): Promise<readonly CaseRun[]> {
  const runs: CaseRun[] = []
  for (const one of cases) {
    const policy = await policyOn(one.data)
    const run = policy.ok ? runCase(one, policy.value, maskRecord) : unusable(one, policy.error)
    // An evaluation that broke takes its instance along; the next case must not pay for it.
    if (policy.ok && run.decided.effect === 'indeterminate') await untilReady(policy.value)
    runs.push(run)
  }
  return runs
}

const MAX_TURNS = 1_000

async function untilReady(policy: Policy): Promise<void> {
  for (let turn = 0; turn < MAX_TURNS && !policy.health().ready; turn++) await setImmediate()
}

function unusable(one: Case, faults: readonly PolicyFault[]): CaseRun {
  const cause = faults.map(formatPolicyFault).join('; ')
  return { ...undecided(one, { effect: 'indeterminate', code: 'no_decision', cause }), report: () => err(cause) }
}

const undecided = (one: Case, decided: Indeterminate) => ({
  case: one,
  decided,
  faults: [`no decision: ${decided.cause}`],
})

function runCase(one: Case, policy: Policy, maskRecord: MaskRecord): CaseRun {
  const decided = policy.decide(one.input as PolicyInput)
  const report = () => policy.evaluate(REPORT, one.input as JsonObject)
  if (decided.effect === 'indeterminate') return { ...undecided(one, decided), report }
  const record = () => {
    const whole = recordOf(one.input, decided, policy)
    return maskRecord(whole, policy.mask(whole as DecisionRecord & JsonObject))
  }
  return { case: one, decided, report, faults: wantFaults(one.want, decided, record) }
}

const recordOf = (input: unknown, decided: Decided, { bundle }: Policy): DecisionRecord => ({
  kind: 'decision',
  decision_id: '00000000-0000-7000-8000-000000000000',
  timestamp: '1970-01-01T00:00:00.000Z',
  request_id: '00000000-0000-7000-8000-000000000000',
  bundle,
  path: DECISION,
  input,
  result: decided,
  metrics: {},
})

export const caseResult = ({ case: { name, file, line }, faults }: CaseRun): SuiteCase => ({ name, file, line, faults })

export const skippedCase = ({ name, file, line, skip = '' }: Case): SuiteCase => ({
  name,
  file,
  line,
  faults: [],
  skipped: skip,
})
