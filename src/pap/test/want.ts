import type { Decision, Limit } from '../../model/decision.ts'
import type { DecisionRecord } from '../../model/record.ts'
import type { Want } from './case-format.ts'
import { differences, unordered } from './difference.ts'

/** Where a decision is another than wanted. The record is made only for those who want something of it. */
export function wantFaults(want: Want, decision: Decision, record: () => DecisionRecord): readonly string[] {
  const codes = decision.reasons.map(({ code }) => code)
  const actual = { ...decision, codes, limits: undefined, record: undefined, decision }
  const compared = (['visible', 'codes', 'scopes', 'obligations', 'decision'] as const).flatMap((name) =>
    want[name] === undefined ? [] : differences(unordered(want[name]), unordered(actual[name]), [name]),
  )
  return [
    ...effectFaults(want, decision.effect, codes),
    ...compared,
    ...(want.limits === undefined ? [] : limitFaults(want.limits, decision.limits)),
    ...(want.record === undefined ? [] : recordFaults(want.record, record())),
  ]
}

/** Reasons that nobody wanted anything of are what one looks for next. */
function effectFaults(
  { effect, codes }: Want,
  decided: Decision['effect'],
  said: readonly string[],
): readonly string[] {
  if (effect === undefined || effect === decided) return []
  const because = codes === undefined && said.length > 0 ? ` (${said.toSorted().join(', ')})` : ''
  return [`effect: wanted ${effect}, decided ${decided}${because}`]
}

function limitFaults(wanted: NonNullable<Want['limits']>, decided: readonly Limit[]): readonly string[] {
  const left = [...decided]
  const faults: string[] = []
  for (const one of wanted.map((limit) => (typeof limit === 'string' ? { name: limit } : limit))) {
    const namesakes = left.filter(({ name }) => name === one.name)
    const found = namesakes.find((limit) => figureFaults(one, limit).length === 0) ?? namesakes[0]
    if (found === undefined) faults.push(`limits: lacks ${one.name}`)
    else {
      left.splice(left.indexOf(found), 1)
      faults.push(...figureFaults(one, found))
    }
  }
  return [...faults, ...left.map(({ name }) => `limits: has ${name}, which is not wanted`)]
}

const figureFaults = (wanted: Partial<Limit>, decided: Limit): readonly string[] =>
  Object.entries(wanted).flatMap(([member, figure]) =>
    differences(figure, decided[member as keyof Limit], ['limits', decided.name, member]),
  )

function recordFaults(wanted: NonNullable<Want['record']>, record: DecisionRecord): readonly string[] {
  const actual = { ...record, erased: record.erased ?? [], masked: record.masked ?? [] }
  return Object.entries(wanted).flatMap(([member, value]) => {
    const found = actual[member as keyof typeof wanted]
    const place = ['record', member]
    return member === 'input'
      ? differences(value, found, place)
      : differences(unordered(value), unordered(found), place)
  })
}
