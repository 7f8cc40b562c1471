import { isDeepStrictEqual } from 'node:util'
import { closest } from '../../lib/closest.ts'
import type { Decided } from '../../model/decision.ts'
import type { PolicyInput } from '../../model/input.ts'
import type { Json, JsonObject } from '../../model/json.ts'
import { formatPolicyFault } from '../../model/policy-fault.ts'
import type { Policy } from '../../pdp/engine.ts'
import { compiledReport, type Reported } from '../activation/report.ts'
import { unordered } from '../test/difference.ts'
import { addRole, addScopes, pathCandidates, prefixesIn, rolesIn } from './changes.ts'
import { createConditionReader } from './conditions.ts'
import type { Changes, Explanation } from './explanation.ts'
import { readFrames } from './frames.ts'
import type { Recorded } from './recorded.ts'
import { differingRules, ruleFindings } from './rules.ts'
import { searchChanges } from './search.ts'
import { readLabels, readLines, type Sources } from './sources.ts'
import { traceRules } from './trace.ts'

/** What is said of one question, or of one recorded decision; without an explanation there was no question. */
export type Answer = {
  readonly recorded?: Recorded
  readonly explanation?: Explanation
  /** What is decided otherwise than it was recorded. */
  readonly changed_since?: readonly string[]
}

export type Explained = {
  readonly policy: Policy
  readonly data: JsonObject
  /** Absent: conditions are not shown. */
  readonly sources: Sources | undefined
  readonly opa: () => Promise<string>
  /** Names of the tools that the catalogue knows. */
  readonly tools: readonly string[]
}

/** Why this decision: asked of the compiled policy, with the conditions that `opa eval` sees in its source. */
export async function explain(input: PolicyInput, options: Explained): Promise<Explanation> {
  const { policy, tools } = options
  const decision = policy.decide(input)
  const compiled = compiledReport(policy, input)
  const isCall = input.resource.properties.arguments !== undefined
  const trace = await tracedRules(input, options)
  const traced = trace.report
  const isUnknown = input.resource.type === 'tool' && input.resource.properties.server === undefined
  const meant = isUnknown ? closest(input.resource.id, tools) : undefined
  return {
    input,
    policy: policy.bundle,
    decision,
    rules: ruleFindings({ compiled, traced, isCall, labels: trace.labels, conditions: trace.conditions }),
    source: trace.conditions === undefined ? 'none' : options.sources?.whole === true ? 'tree' : 'bundle',
    ...(trace.missing !== undefined && { without_conditions: trace.missing }),
    disagreements: [
      ...differingDecision(decision, trace.decision),
      ...(compiled === undefined || trace.missing !== undefined ? [] : differingRules(compiled, traced, isCall)),
    ],
    changes: changesFor(input, decision, compiled ?? traced, options),
    ...(isUnknown && { unknown_tool: meant === undefined ? {} : { closest: meant } }),
  }
}

/** A trace repeats data in each of its events: measured, 1 MB of roles takes 2 s, 10 MB many minutes. */
const MAX_TRACED_DATA = 4_000_000

const NOTHING = { report: [] as readonly Reported[], labels: new Map(), conditions: undefined, decision: undefined }

async function tracedRules(input: PolicyInput, { sources, data, opa: findOpa }: Explained) {
  if (sources === undefined)
    return { ...NOTHING, missing: 'the bundle comes without the source of its policy; explain the policy folder' }
  if (JSON.stringify(data).length > MAX_TRACED_DATA)
    return { ...NOTHING, missing: 'the data of the policy is too large to be traced; try with fewer roles' }
  let opa: string
  try {
    opa = await findOpa()
  } catch {
    return { ...NOTHING, missing: 'they are read with opa, which is not there; `portcullis doctor` says what to do' }
  }
  const { root, whole: withDecision } = sources
  const [trace, labels] = await Promise.all([traceRules({ root, opa, input, withDecision }), readLabels(opa, root)])
  const { events, report, decision, faults } = trace
  const lineOf = await readLines(root, [...new Set(events.map(({ Location }) => Location.file))])
  const conditions = createConditionReader({ frames: readFrames(events), lineOf, input: input as unknown as Json })
  const missing = faults.length === 0 ? undefined : `opa eval broke off: ${faults.map(formatPolicyFault).join('; ')}`
  return { report, labels, conditions, decision, missing }
}

/** A decision that could not be had differs from any: that is no difference between two evaluations. */
function differingDecision(compiled: Decided, traced: unknown): readonly string[] {
  if (traced === undefined || compiled.effect === 'indeterminate') return []
  if (isDeepStrictEqual(unordered(compiled), unordered(traced))) return []
  return [`WASM decides ${JSON.stringify(compiled)}, opa eval ${JSON.stringify(traced)}`]
}

function changesFor(
  input: PolicyInput,
  decision: Decided,
  report: readonly Reported[],
  { policy, data }: Explained,
): Changes {
  if (decision.effect !== 'deny') return { permitted_with: [], tried: 0, complete: true }
  const { roles, scopes } = input.subject.properties
  const needed = [
    ...decision.scopes,
    ...report.filter(({ kind }) => kind === 'scope').flatMap(({ said }) => said.map(String)),
  ].filter((scope) => !scopes.includes(scope))
  return searchChanges(policy.decide, input, [
    rolesIn(data)
      .filter((role) => !roles.includes(role))
      .map(addRole),
    needed.length === 0 ? [] : [addScopes([...new Set(needed)].toSorted())],
    pathCandidates(input, prefixesIn(data, input.subject)),
  ])
}
