import { thrownText } from '../../lib/thrown-text.ts'
import type { Decided } from '../../model/decision.ts'
import type { PolicyInput } from '../../model/input.ts'
import type { ShadowExample, ShadowReport } from '../../model/shadow.ts'
import type { Policy } from '../../pdp/engine.ts'
import { classify } from '../diff/classify.ts'
import { type BackgroundOptions, createBackground } from './background.ts'
import { createTally, labelsOf, type Tally } from './tally.ts'

type Bundle = Policy['bundle']

/** What the policy in force decided on one request. */
export type Observed = { readonly input: PolicyInput; readonly decided: Decided; readonly bundle: Bundle }

export type Shadow<Seen extends Observed> = {
  /** Takes note of a decision, if there is a candidate to ask too; evaluates nothing itself. */
  readonly offer: (seen: Seen) => void
  readonly report: () => ShadowReport
  readonly byKind: () => Readonly<Record<string, number>>
}

export type ShadowOptions<Seen> = Pick<BackgroundOptions<Seen>, 'now' | 'soon' | 'later' | 'bounds'> & {
  readonly wallClock: () => Date
  readonly active: () => Bundle
  readonly candidate: () => Pick<Policy, 'bundle' | 'decide'> | undefined
  /** Names of the tools that the catalogue knows. */
  readonly tools: ReadonlySet<string>
  /** What may be kept of a request on which the two differ. */
  readonly example: (seen: Seen, candidate: Decided) => Omit<ShadowExample, 'kinds'>
}

const EXAMPLES_PER_KIND = 10
/** A candidate that once took so long would be felt by those who call. */
const TOO_LONG_MS = 250
/** Without a decision. A trap costs a new instance, which no budget sees. */
const TOO_OFTEN = 20

/**
 * Asks a candidate what the policy in force was asked, beside it and after it. Its answers go nowhere but
 * into counts, and into one masked example for each sort of difference.
 */
export function createShadow<Seen extends Observed>(options: ShadowOptions<Seen>): Shadow<Seen> {
  const { active, candidate, now, wallClock, bounds } = options
  let session: Session | undefined
  const background = createBackground<Seen>({ ...options, weigh: ({ input }) => input.context.bytes, work: evaluate })

  /** Counts of one pair of policies: another candidate, or another policy in force, begins anew. */
  function sessionOf(head: Bundle): Session {
    const key = `${active().sha256} ${head.sha256}`
    if (session?.key === key) return session
    background.clear()
    session = startSession(key, head, wallClock())
    return session
  }

  function evaluate(seen: Seen): void {
    const policy = candidate()
    // Decided by a policy that has been replaced meanwhile, or for a candidate that is none any more.
    if (policy === undefined || seen.bundle.sha256 !== active().sha256) return
    const current = sessionOf(policy.bundle)
    const before = now()
    const decided = ask(policy, seen.input)
    current.evaluated++
    if (decided.effect === 'indeterminate') current.undecided++
    if (now() - before > TOO_LONG_MS) current.suspended = 'too_slow'
    else if (current.undecided >= TOO_OFTEN) current.suspended = 'no_decisions'
    compare(current, seen, decided)
    if (current.suspended !== undefined) background.clear()
  }

  function compare(current: Session, seen: Seen, decided: Decided): void {
    const kinds = [...new Set(classify(seen.decided, decided).map(({ kind }) => kind))]
    if (kinds.length === 0) return
    current.different++
    const labels = labelsOf(seen.input, seen.decided, decided, options.tools)
    const isNew = kinds.filter((kind) => current.tally.add(kind, labels))
    const wanted = isNew.some(
      (kind) => current.examples.filter(({ kinds: of }) => of.includes(kind)).length < EXAMPLES_PER_KIND,
    )
    if (wanted) current.examples.push({ kinds, ...options.example(seen, decided) })
  }

  return {
    offer: (seen) => {
      const head = candidate()
      if (head === undefined || bounds.budgetMs === 0) return
      const current = sessionOf(head.bundle)
      if (current.suspended !== undefined || !background.offer(seen)) current.dropped++
    },
    report: () => {
      const head = candidate()
      if (head !== undefined) sessionOf(head.bundle)
      return { active: active(), ...reportOf(session), waiting: background.waiting() }
    },
    byKind: () => session?.tally.byKind() ?? {},
  }
}

type Session = {
  readonly key: string
  readonly candidate: Bundle
  readonly since: string
  evaluated: number
  undecided: number
  different: number
  dropped: number
  suspended?: 'too_slow' | 'no_decisions'
  readonly tally: Tally
  readonly examples: ShadowExample[]
}

const startSession = (key: string, candidate: Bundle, since: Date): Session => ({
  key,
  candidate,
  since: since.toISOString(),
  evaluated: 0,
  undecided: 0,
  different: 0,
  dropped: 0,
  tally: createTally(),
  examples: [],
})

function reportOf(session: Session | undefined): Omit<ShadowReport, 'active' | 'waiting'> {
  if (session === undefined) {
    return { evaluated: 0, different: 0, dropped: 0, differences: [], examples: [] }
  }
  const { key: _key, undecided: _undecided, tally, examples, ...counted } = session
  return { ...counted, differences: tally.rows(), examples: [...examples] }
}

/** A policy never throws; should one do so all the same, it gives no decision. */
function ask(policy: Pick<Policy, 'decide'>, input: PolicyInput): Decided {
  try {
    return policy.decide(input)
  } catch (thrown) {
    return { effect: 'indeterminate', code: 'no_decision', cause: thrownText(thrown) }
  }
}
