import { pointerMembers } from '../lib/json-pointer.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { withoutUndefined } from '../lib/without-undefined.ts'
import type { DecisionRecord } from '../model/record.ts'
import type { Mask, Masks } from '../model/ruling.ts'
import { isIndex, removeAt, upsertAt } from './edit.ts'

/** For a policy that says nothing of masks: who called what stays, what they sent goes. */
const BUILT_IN_MASK: readonly Mask[] = ['/input/resource/properties/arguments', '/input/subject/properties/claims']

type Edit = {
  readonly op: 'remove' | 'upsert'
  readonly path: string
  readonly members: readonly string[]
  readonly value: unknown
}

/**
 * The record as it may be written. Masks that cannot be had, or that reach beyond `/input` and `/result`,
 * take the whole input with them: its hash stays, and the record says so.
 */
export const maskRecord = (record: DecisionRecord, masks: Masks): DecisionRecord => {
  if (!masks.ok) return withoutInput(record)
  const edits = readMasks(masks.value === 'absent' ? BUILT_IN_MASK : masks.value)
  return edits.ok ? applyEdits(record, edits.value) : withoutInput(record)
}

const withoutInput = ({ input: _, ...rest }: DecisionRecord): DecisionRecord => ({ ...rest, mask_failed: true })

/** Replacements first and removals last, the later element of an array before the earlier: what is to go, goes. */
const applyEdits = (record: DecisionRecord, edits: readonly Edit[]): DecisionRecord => {
  let parts: unknown = withoutUndefined({ input: record.input, result: record.result })
  const changed = { upsert: [] as string[], remove: [] as string[] }
  const run = (edit: Edit) => {
    const next = edit.op === 'remove' ? removeAt(parts, edit.members) : upsertAt(parts, edit.members, edit.value)
    if (next === parts) return
    parts = next
    changed[edit.op].push(edit.path)
  }
  for (const edit of edits) if (edit.op === 'upsert' && isPresent(record, edit)) run(edit)
  for (const edit of edits.filter(({ op }) => op === 'remove').sort(laterFirst)) run(edit)

  const { input, result } = parts as Pick<DecisionRecord, 'input' | 'result'>
  return withoutUndefined<DecisionRecord>({
    ...record,
    input,
    result,
    erased: changed.remove.length === 0 ? undefined : changed.remove.toSorted(),
    masked: changed.upsert.length === 0 ? undefined : changed.upsert.toSorted(),
  })
}

/** A mask never invents an input or a result for a record that has none. */
const isPresent = (record: DecisionRecord, { members }: Edit): boolean =>
  (members[0] === 'input' ? record.input : record.result) !== undefined

/** A total order in which the higher index comes first: removing an element moves those behind it. */
const laterFirst = (one: Edit, other: Edit): number => {
  for (const [depth, member] of one.members.entries()) {
    const order = compareMembers(member, other.members[depth] ?? '')
    if (order !== 0) return order
  }
  return one.members.length - other.members.length
}

const compareMembers = (one: string, other: string): number => {
  if (one === other) return 0
  const [left, right] = [isIndex(one), isIndex(other)]
  if (left && right) return Number(other) - Number(one)
  if (left !== right) return left ? -1 : 1
  return one < other ? 1 : -1
}

const readMasks = (masks: readonly Mask[]): Result<readonly Edit[], string> => {
  const edits: Edit[] = []
  for (const mask of masks) {
    const { op, path, value = null } = typeof mask === 'string' ? { op: 'remove' as const, path: mask } : mask
    const members = pointerMembers(path)
    const isInside = path.startsWith('/') && (members[0] === 'input' || members[0] === 'result')
    if (!isInside) return err(`the mask ${path} is not under /input or /result`)
    edits.push({ op, path, members, value })
  }
  return ok(edits)
}
