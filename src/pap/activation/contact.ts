import type { PolicyFault } from '../../model/policy-fault.ts'
import type { SourceStatus } from '../../model/rollout.ts'
import type { PolicySource } from '../source/source.ts'

/** What the source said last of what is in force, and how long ago it confirmed it. */
export type Contact = {
  /** It offers what is in force. */
  readonly confirmed: () => void
  /** It offers what an operator took out of force: the contact is as fresh, what it offers is not taken. */
  readonly withheld: (fault: PolicyFault) => void
  readonly failed: (state: 'refused' | 'unreachable', faults: readonly PolicyFault[]) => void
  /** It offers what it offered before. */
  readonly repeated: () => void
  /** An operator changed what is in force; without a fault it is what the source offered last. */
  readonly overruled: (fault: PolicyFault | undefined) => void
  readonly ageSeconds: () => number
  readonly confirmedAt: () => Date
  readonly status: () => SourceStatus
}

type Verdict = {
  readonly state: 'current' | 'refused'
  readonly isFresh: boolean
  readonly faults: readonly PolicyFault[]
}

const CURRENT: Verdict = { state: 'current', isFresh: true, faults: [] }
const withheld = (fault: PolicyFault): Verdict => ({ state: 'refused', isFresh: true, faults: [fault] })

export function createContact(options: {
  readonly source: Pick<PolicySource, 'kind' | 'location'>
  readonly now: () => Date
  readonly confirmedAt: Date
  /** What is in force came from the disk, since the source had nothing. */
  readonly isKept: boolean
}): Contact {
  const { source, now } = options
  let { confirmedAt, isKept } = options
  let checkedAt = now()
  let verdict: Verdict = { state: 'current', isFresh: !isKept, faults: [] }
  let away: readonly PolicyFault[] | undefined

  function answered(next: Verdict): void {
    verdict = next
    checkedAt = now()
    away = undefined
    if (verdict.isFresh) confirmedAt = checkedAt
    if (verdict.state === 'current') isKept = false
  }

  /** A folder or file that is watched would have told; a URL tells when it is asked. */
  const isAtHand = () => source.kind !== 'url' && away === undefined && verdict.isFresh

  const ageSeconds = () => (isAtHand() ? 0 : Math.max(0, Math.floor((now().getTime() - confirmedAt.getTime()) / 1000)))

  return {
    confirmed: () => answered(CURRENT),
    withheld: (fault) => answered(withheld(fault)),
    failed: (state, faults) => {
      if (state === 'refused') return answered({ state, isFresh: false, faults })
      checkedAt = now()
      away = faults
    },
    repeated: () => answered(verdict),
    overruled: (fault) => {
      verdict = fault === undefined ? CURRENT : withheld(fault)
      isKept = false
    },
    ageSeconds,
    confirmedAt: () => confirmedAt,
    status: () => ({
      kind: source.kind,
      location: source.location,
      state: isKept ? 'last_good' : away === undefined ? verdict.state : 'unreachable',
      checked_at: checkedAt.toISOString(),
      age_seconds: ageSeconds(),
      faults: away ?? verdict.faults,
    }),
  }
}
