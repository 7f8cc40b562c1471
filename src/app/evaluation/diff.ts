import { sha256 } from '../../lib/digest.ts'
import { ok, type Result } from '../../lib/result.ts'
import { METHODS } from '../../mcp/methods.ts'
import type { PolicyInput } from '../../model/input.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { ChangeKind } from '../../pap/diff/change.ts'
import { sideOf } from '../../pap/diff/side.ts'
import { bySeverity, type ChangeGroup, changeGroups, mergeDiffTallies } from '../../pap/diff/tally.ts'
import { enumerateWorld } from '../../pap/diff/world.ts'
import type { Evaluated } from '../../pap/replay/evaluator.ts'
import { createProjection } from '../../pap/replay/projection.ts'
import { BUILTIN_TOOLS } from '../../tools/builtin.ts'
import type { Batch } from './batch.ts'
import type { DiffTotal } from './diff-batch.ts'
import { evaluate } from './evaluation.ts'
import { logBatches } from './log-batches.ts'
import type { PolicyVersion } from './policy-version.ts'
import { evaluatedOnly, type Progress, progressOf, sizeOf } from './replay.ts'
import { targetsOf } from './tool-targets.ts'

export type DiffReport = {
  readonly base: { readonly revision: string; readonly sha256: string }
  readonly head: { readonly revision: string; readonly sha256: string }
  /** Questions put to both policies, and those of them that they answer differently. */
  readonly asked: number
  readonly different: number
  readonly byKind: Partial<Readonly<Record<ChangeKind, number>>>
  readonly groups: readonly ChangeGroup[]
  /** Differences that are counted in no group, because there are too many. */
  readonly ungrouped: number
  /** Of the questions enumerated, those are asked that at least one of the policies can tell apart. */
  readonly world: { readonly enumerated: number; readonly asked: number; readonly leftOut: readonly string[] }
  readonly log?: { readonly asked: number } & DiffTotal['unusable']
}

export type DiffOptions = {
  /** Files of a decision log; without any the enumerated world is asked alone. */
  readonly log: readonly string[]
  readonly threads: number
  readonly onProgress?: (progress: Progress) => void
}

/** What changes when `head` takes the place of `base`: over every question worth asking, and over those of a log. */
export async function diffPolicies(
  base: PolicyVersion,
  head: PolicyVersion,
  { log, threads, onProgress }: DiffOptions,
): Promise<Result<DiffReport, readonly PolicyFault[]>> {
  const size = await sizeOf(log)
  if (!size.ok) return size
  const both = { base: evaluatedOnly(base), head: evaluatedOnly(head) }
  const world = enumerateWorld(sideOf(base.bundle.data, base.sources), sideOf(head.bundle.data, head.sources), {
    tools: targetsOf(BUILTIN_TOOLS),
    methods: [...METHODS.keys()],
  })
  const count = { enumerated: 0 }
  const questions = packed(distinctQuestions(world.questions(), both, count))
  // Every one of them is another question, so nothing is to be remembered.
  const alone = { base: { bundle: base.bundle }, head: { bundle: head.bundle }, lines: 'questions' } as const
  const enumerated = await evaluate('diff', alone, questions, { threads })
  if (!enumerated.ok) return enumerated
  const recorded = await evaluate('diff', { ...both, lines: 'records' }, logBatches(log), {
    threads: log.length === 0 ? 1 : threads,
    ...(onProgress !== undefined && { onBatch: progressOf(size.value, onProgress) }),
  })
  if (!recorded.ok) return recorded
  const report = reportOf(enumerated.value, recorded.value, log.length > 0)
  return ok({
    base: identity(base),
    head: identity(head),
    ...report,
    world: { ...count, ...report.world, leftOut: world.leftOut },
  })
}

function reportOf(enumerated: readonly DiffTotal[], recorded: readonly DiffTotal[], hasLog: boolean) {
  const tallies = (totals: readonly DiffTotal[]) => mergeDiffTallies(totals.map(({ tally }) => tally))
  const [world, log] = [tallies(enumerated), tallies(recorded)]
  const { asked, different, byKind, ungrouped } = mergeDiffTallies([world, log])
  const sum = (kind: keyof DiffTotal['unusable']) => recorded.reduce((total, { unusable }) => total + unusable[kind], 0)
  const unusable = { unreplayable: sum('unreplayable'), unasked: sum('unasked'), damaged: sum('damaged') }
  return {
    ...{ asked, different, byKind, ungrouped },
    groups: bySeverity([...changeGroups(world), ...changeGroups(log)]),
    world: { asked: world.asked },
    ...(hasLog && { log: { asked: log.asked, ...unusable } }),
  }
}

const identity = ({ bundle: { revision, sha256 } }: PolicyVersion) => ({ revision, sha256 })

/** Without those that neither policy can tell from one before. */
function* distinctQuestions(
  questions: Iterable<PolicyInput>,
  { base, head }: { readonly base: Evaluated; readonly head: Evaluated },
  count: { enumerated: number },
): Generator<string> {
  const names = [base, head].map(({ reads }) => (reads === undefined ? JSON.stringify : createProjection(reads)))
  const seen = new Set<string>()
  for (const question of questions) {
    count.enumerated++
    const name = sha256(names.map((nameOf) => nameOf(question)).join('\n'))
    if (seen.has(name)) continue
    seen.add(name)
    yield JSON.stringify(question)
  }
}

const BATCH = 128
const encoder = new TextEncoder()

function* packed(texts: Iterable<string>): Generator<Batch> {
  let lines: string[] = []
  let line = 1
  for (const text of texts) {
    lines.push(text)
    if (lines.length < BATCH) continue
    yield { file: 0, line, bytes: encoder.encode(lines.join('\n')) }
    line += lines.length
    lines = []
  }
  if (lines.length > 0) yield { file: 0, line, bytes: encoder.encode(lines.join('\n')) }
}
