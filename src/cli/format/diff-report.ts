import type { DiffReport } from '../../app/evaluation/diff.ts'
import { CHANGE_KINDS, type ChangeKind } from '../../pap/diff/change.ts'
import type { ChangeGroup } from '../../pap/diff/tally.ts'
import { counted } from './counted.ts'
import { questionOf, whoOf } from './diff-question.ts'
import { githubAnnotations } from './github.ts'
import { junit } from './junit.ts'
import { code, markdownTable } from './markdown.ts'
import { printable } from './printable.ts'

/** A comparison, and the classes of change that make it fail. */
export type Judged = {
  readonly report: DiffReport
  readonly failOn: readonly ChangeKind[]
  readonly milliseconds: number
}

/** More rows than this are no longer read, and a comment on GitHub takes only so many characters. */
const MAX_ROWS = 100

export const failedKinds = ({ report, failOn }: Judged): readonly ChangeKind[] =>
  CHANGE_KINDS.filter((kind) => failOn.includes(kind) && report.byKind[kind] !== undefined)

export function prettyDiff(judged: Judged): string {
  const { report } = judged
  const failed = failedKinds(judged)
  const blocks = CHANGE_KINDS.flatMap((kind) => {
    const groups = report.groups.filter((group) => group.kind === kind)
    if (groups.length === 0) return []
    const title = `${kind}  ${counted(report.byKind[kind] ?? 0, 'question')}${failed.includes(kind) ? '  FAIL' : ''}`
    return [[title, ...groups.slice(0, MAX_ROWS).flatMap(prettyGroup), ...beyond(groups)].join('\n')]
  })
  return `${[headline(report), ...blocks, footing(judged)].map((block) => `${block}\n`).join('\n')}`
}

const prettyGroup = (group: ChangeGroup): readonly string[] =>
  [
    `  ${whoOf(group)}: ${group.targets.join(', ')}`,
    `    why      ${group.detail}`,
    `    example  ${questionOf(group.example)}${group.count > 1 ? `  (1 of ${group.count})` : ''}`,
  ].map(printable)

const beyond = (groups: readonly ChangeGroup[]): readonly string[] =>
  groups.length > MAX_ROWS ? [`  and ${groups.length - MAX_ROWS} more groups (--format json shows all)`] : []

export function markdownDiff(judged: Judged): string {
  const { report } = judged
  const failed = failedKinds(judged)
  const rows = report.groups
    .slice(0, MAX_ROWS)
    .map((group) => [
      failed.includes(group.kind) ? `**${group.kind}** ❌` : group.kind,
      group.roles.length === 0 ? 'any caller' : group.roles.map(code).join(' + '),
      group.targets.map(code).join(', '),
      code(group.detail),
      code(questionOf(group.example)),
      String(group.count),
    ])
  const head = ['Change', 'Roles', 'What', 'Why', 'Example', 'Questions']
  const more = report.groups.length - rows.length
  return [
    `### Policy diff\n\n${code(report.base.revision)} → ${code(report.head.revision)}: ${asked(report)}\n`,
    ...(rows.length === 0 ? [] : [markdownTable(head, rows)]),
    ...(more > 0 ? [`and ${more} more groups\n`] : []),
    `${footing(judged)}\n`,
  ].join('\n')
}

export const jsonDiff = (judged: Judged): string =>
  `${JSON.stringify({ ...judged.report, failed: failedKinds(judged) }, undefined, 2)}\n`

export function githubDiff(judged: Judged, root: string): string {
  const failed = failedKinds(judged)
  const findings = judged.report.groups.slice(0, MAX_ROWS).map((group) => ({
    check: group.kind,
    level: failed.includes(group.kind) ? ('error' as const) : ('warning' as const),
    message: printable(`${whoOf(group)}: ${group.targets.join(', ')} (${group.detail})`),
    remedy: printable(`for example ${questionOf(group.example)}`),
  }))
  return githubAnnotations(findings, root)
}

export function junitDiff(judged: Judged): string {
  const failed = failedKinds(judged)
  const cases = CHANGE_KINDS.map((kind) => ({
    name: kind,
    faults: failed.includes(kind)
      ? judged.report.groups
          .filter((group) => group.kind === kind)
          .map(
            (group) => `${whoOf(group)}: ${group.targets.join(', ')} (${group.detail}); ${questionOf(group.example)}`,
          )
      : [],
  }))
  return junit([{ name: 'portcullis diff', cases, milliseconds: judged.milliseconds }])
}

const headline = (report: DiffReport): string => `${report.base.revision} → ${report.head.revision}: ${asked(report)}`

const asked = ({ asked: questions, different }: DiffReport): string =>
  `${counted(questions, 'question')} asked, ${different === 0 ? 'all answered alike' : `${different} answered otherwise`}`

function footing(judged: Judged): string {
  const { world, log, ungrouped } = judged.report
  const failed = failedKinds(judged)
  return [
    `${world.enumerated} questions enumerated, ${world.asked} of them different for these policies; not asked: ${world.leftOut.join('; ')}.`,
    ...(log === undefined
      ? []
      : [
          `${log.asked} are from the log, where ${log.unreplayable} could not be asked again (masked or changed), ` +
            `${log.unasked} records asked nothing and ${log.damaged} lines are damaged.`,
        ]),
    ...(ungrouped > 0 ? [`${ungrouped} differences are counted in no group.`] : []),
    failed.length === 0
      ? `Passed: nothing ${judged.failOn.join(', ') || 'to fail on'}.`
      : `Failed: ${failed.join(', ')}.`,
  ].join('\n')
}
