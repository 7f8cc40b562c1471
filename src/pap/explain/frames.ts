import type { Json } from '../../model/json.ts'
import { groundPrefix } from '../rego/module.ts'

/** A term of OPA's syntax tree, evaluated or not. */
export type Term = { readonly type: string; readonly value?: unknown }
export type Expression = {
  readonly index: number
  readonly terms: unknown
  readonly negated?: boolean
  /** True: the compiler made it of a part of another one. */
  readonly generated?: boolean
}

/** An event of `opa eval --explain=full --format json`, as far as it is read. */
export type TraceEvent = {
  readonly Op: string
  readonly Node: unknown
  readonly Location: { readonly file: string; readonly row: number }
  readonly QueryID: number
  readonly ParentID: number
  readonly Locals: readonly (Term & { readonly name: string })[] | null
  readonly LocalMetadata: Readonly<Record<string, { readonly name: string }>> | null
  readonly Ref: readonly Term[] | null
}

export type Place = { readonly file: string; readonly line: number }
/** Variables by the names that the source gives them. */
export type Bindings = ReadonlyMap<string, Json>

/** One evaluation of one expression. */
export type Attempt = {
  readonly expression: Expression
  readonly place: Place
  /** What was evaluated for it: rules, negated bodies, bodies of `every`. */
  readonly inner: Frame[]
  /** The rule or function that it reached last. */
  ref?: string
  failedWith?: Bindings
}

/** One evaluation of one body. */
export type Frame = {
  /** Of the rule or function, from `data` on; absent for bodies inside of a rule. */
  readonly path?: string
  readonly place: Place
  readonly attempts: Attempt[]
  /** Present when the body held: its first solution. */
  solution?: { readonly attempts: readonly Attempt[]; readonly bindings: Bindings }
}

/** Puts a trace back into the form of what was evaluated, and finds the bodies of a rule by its path. */
export function readFrames(events: readonly TraceEvent[]): ReadonlyMap<string, readonly Frame[]> {
  const frames = new Map<number, Frame>()
  /** The attempt that what is entered next belongs to. */
  const current = new Map<Frame, Attempt>()
  const byPath = new Map<string, Frame[]>()

  function enter(event: TraceEvent): void {
    const parent = frames.get(event.ParentID)
    const asking = parent && current.get(parent)
    const path = isRule(event.Node) ? asking?.ref : undefined
    const frame: Frame = { ...(path === undefined ? {} : { path }), place: placeOf(event), attempts: [] }
    frames.set(event.QueryID, frame)
    asking?.inner.push(frame)
    if (path !== undefined) byPath.set(path, [...(byPath.get(path) ?? []), frame])
  }

  function note(event: TraceEvent, frame: Frame): void {
    const attempt = current.get(frame)
    switch (event.Op) {
      case 'Eval': {
        const next = { expression: event.Node as Expression, place: placeOf(event), inner: [] }
        frame.attempts.push(next)
        current.set(frame, next)
        return
      }
      case 'Index':
        if (attempt !== undefined && event.Ref !== null) attempt.ref = pathOf(event.Ref)
        return
      case 'Redo': {
        const again = frame.attempts.findLast(isOf(event.Node))
        if (again !== undefined) current.set(frame, again)
        return
      }
      case 'Fail': {
        const failed = frame.attempts.findLast(isOf(event.Node))
        if (failed !== undefined) failed.failedWith = bindingsOf(event)
        return
      }
      case 'Exit':
        frame.solution ??= { attempts: latest(frame.attempts), bindings: bindingsOf(event) }
    }
  }

  for (const event of events) {
    if (event.Op === 'Enter') enter(event)
    else {
      const frame = frames.get(event.QueryID)
      if (frame !== undefined) note(event, frame)
    }
  }
  return byPath
}

const placeOf = ({ Location: { file, row } }: TraceEvent): Place => ({ file, line: row })

const isRule = (node: unknown): boolean => typeof node === 'object' && node !== null && 'head' in node

const isOf =
  (node: unknown) =>
  ({ expression }: Attempt): boolean =>
    expression.index === (node as Partial<Expression>).index

/** Of each expression the last attempt, in the order of the body. */
function latest(attempts: readonly Attempt[]): readonly Attempt[] {
  const last = new Map(attempts.map((attempt) => [attempt.expression.index, attempt]))
  return [...last.values()].toSorted((a, b) => a.expression.index - b.expression.index)
}

function bindingsOf({ Locals, LocalMetadata }: TraceEvent): Bindings {
  const bindings = new Map<string, Json>()
  for (const local of Locals ?? []) {
    const name = LocalMetadata?.[local.name]?.name
    const value = plain(local)
    if (name !== undefined && !name.startsWith('__') && value !== undefined) bindings.set(name, value)
  }
  return bindings
}

/** The ground beginning of a reference, as `data.a.b`. */
export const pathOf = (ref: readonly Term[]): string => groundPrefix(ref).join('.')

/** A term without variables as JSON, sets as arrays. */
function plain({ type, value }: Term): Json | undefined {
  switch (type) {
    case 'null':
      return null
    case 'string':
    case 'number':
    case 'boolean':
      return value as Json
    case 'array':
    case 'set':
      return (value as readonly Term[]).map((term) => plain(term) ?? null)
    case 'object':
      return Object.fromEntries(
        (value as readonly (readonly [Term, Term])[]).map(([key, member]) => [
          key.type === 'string' ? String(key.value) : JSON.stringify(plain(key) ?? null),
          plain(member) ?? null,
        ]),
      )
    default:
      return undefined
  }
}
