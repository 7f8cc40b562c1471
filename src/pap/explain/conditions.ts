import { type Json, valueAt } from '../../model/json.ts'
import type { Body, Condition, TermValue } from './explanation.ts'
import { type Attempt, type Bindings, type Frame, type Place, pathOf, type Term } from './frames.ts'

export type ConditionReader = {
  /** The bodies of a rule, in the order of the source. */
  readonly bodiesOf: (path: string) => readonly Body[]
}

/** Helpers of helpers of helpers: deeper than this nobody reads. */
const MAX_DEPTH = 6
/** A longer value would hide the condition. */
const MAX_VALUE = 80

/** Says of traced rules which condition failed, and of helpers why. */
export function createConditionReader(options: {
  readonly frames: ReadonlyMap<string, readonly Frame[]>
  readonly lineOf: (place: Place) => string
  readonly input: Json
}): ConditionReader {
  const { frames, lineOf, input } = options

  function condition(attempt: Attempt, bindings: Bindings, causes: readonly Condition[]): Condition {
    const text = lineOf(attempt.place).replace(/\s*\{$/, '')
    const negated = attempt.expression.negated === true ? ({ negated: true } as const) : {}
    return { ...attempt.place, text, values: valuesIn(text, bindings, input), ...negated, causes }
  }

  /** The condition that failed in a body, of all that were reached the last. */
  function failureIn(frame: Frame, depth: number): Condition | undefined {
    const failed = frame.attempts.filter(({ failedWith }) => failedWith !== undefined)
    const furthest = Math.max(...failed.map(({ expression }) => expression.index))
    const tries = failed.filter(({ expression }) => expression.index === furthest)
    const [first] = tries
    if (first === undefined) return undefined
    const causes = first.expression.negated === true ? whatHeld(first, depth) : whatFailed(first, depth)
    const found = condition(first, first.failedWith ?? new Map(), causes)
    return tries.length === 1 ? found : { ...found, tried: tries.length }
  }

  function whatFailed(attempt: Attempt, depth: number): readonly Condition[] {
    if (depth >= MAX_DEPTH) return []
    const failing = rulesUnder(attempt).filter(({ solution }) => solution === undefined)
    return distinct(failing.map((frame) => failureIn(frame, depth + 1)).filter((found) => found !== undefined))
  }

  function whatHeld(attempt: Attempt, depth: number): readonly Condition[] {
    if (depth >= MAX_DEPTH) return []
    return distinct(rulesUnder(attempt).flatMap((frame) => heldIn(frame, depth + 1)))
  }

  function heldIn({ solution }: Frame, depth: number): readonly Condition[] {
    if (solution === undefined) return []
    const own = solution.attempts.filter(({ expression }) => expression.generated !== true)
    return own.map((attempt) =>
      condition(attempt, solution.bindings, attempt.expression.negated === true ? whatFailed(attempt, depth) : []),
    )
  }

  /** The rules that an expression came to; those evaluated before are only looked up by OPA, and here too. */
  function rulesUnder({ expression, inner }: Attempt): readonly Frame[] {
    const entered = inner.flatMap((frame) => (frame.path === undefined ? bodiesInside(frame) : [frame]))
    if (entered.length > 0) return entered
    return refsIn(expression.terms).flatMap((path) => frames.get(path) ?? [])
  }

  /** What stands in braces inside of a rule: its own failures are those of the expression around it. */
  function bodiesInside(frame: Frame): readonly Frame[] {
    const isEvery = frame.attempts.some(({ inner }) => inner.some(({ path }) => path === undefined))
    if (isEvery) return frame.attempts.flatMap(({ inner }) => inner)
    return frame.attempts.flatMap((attempt) => rulesUnder(attempt))
  }

  function bodyOf(frame: Frame): Body {
    const { place, solution } = frame
    if (solution !== undefined) return { ...place, held: countOf(solution.attempts), because: heldIn(frame, 0) }
    const failed = failureIn(frame, 0)
    const furthest = Math.max(...frame.attempts.map(({ expression }) => expression.index))
    const before = frame.attempts.filter(({ expression }) => expression.index < furthest)
    return { ...place, held: countOf(before), ...(failed && { failed }), because: [] }
  }

  return {
    bodiesOf: (path) => (frames.get(path) ?? []).map(bodyOf).toSorted((a, b) => a.line - b.line),
  }
}

/** Conditions of the source, each once. */
const countOf = (attempts: readonly Attempt[]): number =>
  new Set(attempts.filter(({ expression }) => expression.generated !== true).map(({ expression }) => expression.index))
    .size

const distinct = (conditions: readonly Condition[]): readonly Condition[] => [
  ...new Map(conditions.map((one) => [`${one.file}:${one.line}`, one])).values(),
]

/** Every rule that a term may refer to, the longer paths first. */
function refsIn(terms: unknown): readonly string[] {
  if (Array.isArray(terms)) return terms.flatMap(refsIn)
  if (typeof terms !== 'object' || terms === null) return []
  const { type, value } = terms as Partial<Term>
  if (type !== 'ref' || !Array.isArray(value)) return Object.values(terms).flatMap(refsIn)
  const names = pathOf(value).split('.')
  if (names[0] !== 'data') return value.slice(1).flatMap(refsIn)
  const paths = names.map((_, index) => names.slice(0, names.length - index).join('.'))
  return [...paths.slice(0, -1), ...value.slice(1).flatMap(refsIn)]
}

/** What the input and the variables of a line stood for. Names inside of strings are not looked at. */
function valuesIn(text: string, bindings: Bindings, input: Json): readonly TermValue[] {
  const code = text.replaceAll(/"(?:\\.|[^"\\])*"|`[^`]*`|#.*$/g, '""')
  const values = new Map<string, TermValue>()
  for (const [term, head = ''] of code.matchAll(/(?<![\w.])([a-z_A-Z]\w*)(?:\.[a-zA-Z_]\w*)*/g)) {
    const from = head === 'input' ? input : bindings.get(head)
    if (from === undefined) continue
    const value = valueAt(from, term.split('.').slice(1))
    if (value === undefined) values.set(term, { term })
    else if (JSON.stringify(value).length <= MAX_VALUE) values.set(term, { term, value })
  }
  return [...values.values()]
}
