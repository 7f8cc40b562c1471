import type { ReplayTally, Unreplayable } from '../../pap/replay/tally.ts'
import { printable } from './printable.ts'

type Replay = {
  readonly tally: ReplayTally
  readonly files: readonly string[]
  readonly policy: { readonly revision: string; readonly sha256: string }
  readonly seconds: number
}

export function prettyReplay({ tally, files, policy, seconds }: Replay): string {
  const place = ({ file, line }: { file: number; line: number }) => `${files[file] ?? ''}:${line}`
  const { decisions, same, masked, different, unasked, unreplayable, damaged } = tally
  const rate = seconds > 0 ? `, ${Math.round(decisions / seconds)}/s` : ''
  const blocks = [
    [`policy ${policy.revision} (sha256 ${policy.sha256})`],
    [
      `${decisions} decisions in ${tally.lines} lines${rate}`,
      `${same} decided the same${masked > 0 ? `, ${masked} of them with masked members that this policy does not read` : ''}`,
      `${different} decided otherwise${listed(tally.byKind)}`,
      `${unreplayable} not replayable${listed(tally.byObstacle)}`,
      `${unasked} refused before the policy was asked`,
      `${damaged} damaged lines`,
    ],
    named(different, tally.differences, 'decided otherwise', (one) => [
      `${place(one)}  decision ${one.decision_id}  ${one.kinds.join(', ')}`,
      ...one.details.map((detail) => `  ${detail}`),
    ]),
    named(unreplayable, tally.obstacles, 'not replayable', (one) => [
      `${place(one)}  decision ${one.decision_id}  ${obstacleText(one)}`,
    ]),
    named(damaged, tally.damages, 'damaged', (one) => [`${place(one)}  ${one.damaged}`]),
  ]
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => `${printable(line)}\n`).join(''))
    .join('\n')
}

export function jsonReplay({ tally, files, policy, seconds }: Replay): string {
  const placed = <T extends { readonly file: number }>(list: readonly T[]) =>
    list.map((one) => ({ ...one, file: files[one.file] }))
  const { byKind, byObstacle, differences, obstacles, damages, ...counts } = tally
  const report = {
    policy,
    ...counts,
    seconds: Number(seconds.toFixed(3)),
    ...{ by_kind: byKind, by_obstacle: byObstacle },
    ...{ differences: placed(differences), not_replayable: placed(obstacles), damages: placed(damages) },
  }
  return `${JSON.stringify(report, undefined, 2)}\n`
}

const obstacleText = ({ why, pointers }: Unreplayable): string =>
  pointers.length === 0 ? why : `${why}: ${pointers.join(', ')}`

function listed(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([name, count]) => `${count} ${name}`)
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

function named<T>(
  count: number,
  list: readonly T[],
  what: string,
  lines: (one: T) => readonly string[],
): readonly string[] {
  if (list.length === 0) return []
  const title = list.length < count ? `The first ${list.length} of ${count} ${what}:` : `${count} ${what}:`
  return [title, ...list.flatMap(lines).map((line) => `  ${line}`)]
}
