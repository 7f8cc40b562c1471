import { toPointer } from '../../lib/json-pointer.ts'
import { isObject, sortedJson } from '../../model/json.ts'

/** WASM gives sets in the order of their hashes. A limit's key and the segments of a prefix are sequences and stay. */
export function unordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unordered).toSorted(byText)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, withoutOrder(name, member)]),
  )
}

function withoutOrder(name: string, member: unknown): unknown {
  if (name === 'key' && Array.isArray(member)) return member
  if ((name === 'read' || name === 'write') && Array.isArray(member)) return member.toSorted(byText)
  return unordered(member)
}

const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)

/** One line for each place where two values differ; lists differ by what they lack and what they have too much. */
export function differences(wanted: unknown, actual: unknown, place: readonly string[] = []): readonly string[] {
  if (Array.isArray(wanted) && Array.isArray(actual)) return listDifferences(wanted, actual, place)
  if (isObject(wanted) && isObject(actual)) {
    const names = new Set([...Object.keys(wanted), ...Object.keys(actual)])
    return [...names].flatMap((name) => differences(own(wanted, name), own(actual, name), [...place, name]))
  }
  return sortedJson(wanted) === sortedJson(actual)
    ? []
    : [`${nameOf(place)}wanted ${shown(wanted)}, decided ${shown(actual)}`]
}

function listDifferences(wanted: readonly unknown[], actual: readonly unknown[], place: readonly string[]) {
  const lacks = without(wanted, actual)
  const extra = without(actual, wanted)
  const isOrder = lacks.length === 0 && extra.length === 0 && sortedJson(wanted) !== sortedJson(actual)
  if (isOrder) return [`${nameOf(place)}wanted ${shown(wanted)}, decided ${shown(actual)}`]
  const left = [...extra]
  const lacking = lacks.flatMap((one) => {
    const namesake = left.findIndex((other) => isObject(one) && label(other) === label(one))
    if (namesake === -1) return [`${nameOf(place)}lacks ${label(one)}`]
    return differences(one, left.splice(namesake, 1)[0], [...place, label(one)])
  })
  return [...lacking, ...left.map((one) => `${nameOf(place)}has ${label(one)}, which is not wanted`)]
}

function without(ones: readonly unknown[], others: readonly unknown[]): readonly unknown[] {
  const texts = new Set(others.map(sortedJson))
  return ones.filter((one) => !texts.has(sortedJson(one)))
}

/** How a person calls it: a reason by its code, a limit by its name. */
function label(value: unknown): string {
  const known = isObject(value) ? (value['code'] ?? value['name'] ?? value['type']) : undefined
  return typeof known === 'string' ? known : shown(value)
}

const nameOf = (place: readonly string[]): string =>
  place.length === 0 ? '' : `${place.length === 1 ? place[0] : toPointer(place)}: `

const shown = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? 'nothing' : JSON.stringify(value)

const own = (value: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(value, name) ? value[name] : undefined
