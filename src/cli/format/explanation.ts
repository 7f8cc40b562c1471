import type { Limit, Reason } from '../../model/decision.ts'
import type { Answer } from '../../pap/explain/explain.ts'
import type { Change, Changes, Explanation } from '../../pap/explain/explanation.ts'
import type { Recorded } from '../../pap/explain/recorded.ts'
import { ruleSections } from './explained-rules.ts'

/** More combinations than this are counted. */
const MAX_CHANGES = 8

/** An explanation for a person: what was decided first, then why, then what would change it. */
export function prettyAnswer({ recorded, explanation, changed_since = [] }: Answer, shown: { readonly all: boolean }) {
  const sections = [
    ...(recorded === undefined ? [] : [recordedSection(recorded)]),
    ...(changed_since.length === 0 ? [] : [section('DECIDED OTHERWISE NOW than it was recorded', changed_since)]),
    ...(explanation === undefined ? [] : explained(explanation, shown)),
  ]
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

const section = (title: string, lines: readonly string[]): readonly string[] => [
  title,
  ...lines.map((line) => `  ${line}`),
]

function recordedSection({ decision, outcome, meaning, policy, masked, not_decided_again }: Recorded) {
  const { decision_id, timestamp, request_id, refusal, stage, cause, enforced, limits = [], bundle } = decision
  return section(`Recorded ${timestamp} as ${decision_id}, request ${request_id}`, [
    refusal === undefined
      ? 'permitted'
      : `${enforced === false ? 'let pass by monitor mode, although' : 'refused with'} ${refusal} at the step ${stage}`,
    ...(meaning === undefined ? [] : [meaning]),
    ...(cause === undefined ? [] : [`cause: ${cause}`]),
    ...limits.map(({ name, used, limit, resets_at }) => `limit ${name}: ${used} of ${limit} used, until ${resets_at}`),
    ...(outcome === undefined ? [] : [`ended: ${outcome.status}, ${outcome.bytes} bytes, ${charged(outcome.charged)}`]),
    ...(bundle === undefined ? [] : [`by policy ${bundle.revision}, ${POLICIES[policy]}`]),
    ...masked.map((pointer) => `masked: ${pointer}; a condition that reads it may come out otherwise here`),
    ...(not_decided_again === undefined ? [] : [`not decided again: ${not_decided_again}`]),
  ])
}

const charged = (isCharged: boolean): string => (isCharged ? 'charged' : 'not charged')

const POLICIES = {
  same: 'the one that explains it here',
  revision: 'NOT the one that explains it here: same revision, other bytes',
  other: 'NOT the one that explains it here',
  none: 'which was not asked',
} as const

function explained(explanation: Explanation, { all }: { readonly all: boolean }): readonly (readonly string[])[] {
  const { decision, disagreements, source, without_conditions, changes } = explanation
  return [
    headline(explanation),
    ...(disagreements.length === 0
      ? []
      : [section('WASM AND OPA EVAL DIFFER: what follows of conditions may be wrong. Report this.', disagreements)]),
    ...(decision.effect === 'indeterminate' ? [] : [section('Because', reasonLines(decision.reasons))]),
    ...ruleSections(explanation, { all }),
    ...(source === 'bundle' ? [['Lines are those of the source in the bundle, which OPA wrote anew.']] : []),
    ...(without_conditions === undefined ? [] : [[`Without conditions: ${without_conditions}`]]),
    ...(decision.effect === 'deny' ? [changeSection(changes)] : []),
    ...(decision.effect === 'permit' && decision.limits.length > 0
      ? [section('Limits', decision.limits.map(limitLine))]
      : []),
  ]
}

function reasonLines(reasons: readonly Reason[]): readonly string[] {
  const width = Math.max(...reasons.map(({ code }) => code.length))
  return reasons.map(({ code, message }) => `${code.padEnd(width)}  ${message}`)
}

function headline({ input, policy, decision, unknown_tool }: Explanation): readonly string[] {
  const { subject, action, resource } = input
  const { roles, scopes } = subject.properties
  const paths = (resource.properties.paths ?? []).map(
    ({ argument, segments, access }) => `, ${argument} /${segments.join('/')} (${access})`,
  )
  const verdict = {
    permit: 'PERMITTED',
    deny: decision.effect === 'deny' && decision.visible ? 'DENIED, and the caller is told why' : HIDDEN,
    indeterminate: `NO DECISION, so refused: ${decision.effect === 'indeterminate' ? decision.cause : ''}`,
  }[decision.effect]
  return [
    verdict,
    `  ${subject.id}, ${listed('role', roles)}, ${listed('scope', scopes)}`,
    `  ${action.name} of ${resource.type} ${resource.id}${paths.join('')}`,
    `  policy ${policy.revision}`,
    ...(unknown_tool === undefined ? [] : [`  ${unknownTool(resource.id, unknown_tool.closest)}`]),
  ]
}

const HIDDEN = 'DENIED, and hidden: answered as if it did not exist'

const unknownTool = (name: string, closest: string | undefined): string =>
  `The catalogue knows no tool ${name}${closest === undefined ? '' : `; did you mean ${closest}?`}`

const listed = (what: string, names: readonly string[]): string =>
  names.length === 0 ? `no ${what}` : `${what}${names.length === 1 ? '' : 's'} ${names.join(' ')}`

function changeSection({ permitted_with, tried, complete }: Changes): readonly string[] {
  if (permitted_with.length === 0) {
    return [`No other role, scope or path would bring a permit (${tried} tried${complete ? '' : ', not all'}).`]
  }
  const lines = permitted_with.map((changes) => changes.map(changeText).join(' and '))
  const rest = lines.length - MAX_CHANGES
  const more = rest > 0 ? [`… and ${rest} more`] : []
  return section(`It would be permitted with ${lines.length === 1 ? '' : 'one of'}`.trimEnd(), [
    ...lines.slice(0, MAX_CHANGES),
    ...more,
    ...(complete ? [] : ['and perhaps more: not all combinations were tried']),
  ])
}

function changeText(change: Change): string {
  if (change.change === 'role') return `the role ${change.add}`
  if (change.change === 'scope') return `the ${listed('scope', change.add)}`
  return 'below' in change
    ? `${change.argument} below ${change.below}`
    : `${change.argument} without the name ${change.without}`
}

const limitLine = ({ name, kind, limit, period, burst, key, shadow }: Limit): string =>
  [
    `${name}  ${kind} ${limit} per ${typeof period === 'number' ? `${period} s` : period}`,
    ...(burst > 0 ? [`burst ${burst}`] : []),
    `key ${key.map((part) => part || '""').join(' / ')}`,
    ...(shadow ? ['counted only'] : []),
  ].join(', ')
