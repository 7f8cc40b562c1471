import { pointerMembers } from '../../lib/json-pointer.ts'
import type { PolicyInput } from '../../model/input.ts'
import type { DecisionRecord } from '../../model/record.ts'
import type { InputReads } from '../../pdp/loaded-bundle.ts'
import { meets } from '../rego/uses.ts'

/** Whatever stood at these places was an object; so their type is known when their value is not. */
const OBJECTS = [
  ['resource', 'properties', 'arguments'],
  ['subject', 'properties', 'claims'],
] as const

/** Pointers of the input that are not in the record as they were decided on. */
export function maskedPointers({ erased = [], masked = [] }: DecisionRecord): readonly string[] {
  return [...erased, ...masked].filter((pointer) => pointerMembers(pointer)[0] === 'input')
}

/** The masked pointers that a decision of the policy could depend on: all of them when what it reads is not known. */
export function neededPointers(record: DecisionRecord, reads: InputReads | undefined): readonly string[] {
  const erased = new Set(record.erased)
  return maskedPointers(record).filter((pointer) => {
    if (reads === undefined) return true
    const place = pointerMembers(pointer).slice(1)
    if (reads.values.some((read) => meets(read, place))) return true
    // What was erased was there, and what it lay in keeps its type. What was replaced may not have been there.
    const isKnown = erased.has(pointer) && OBJECTS.some((known) => same(known, place))
    return reads.types.some(
      (read) => meets(read, place) && read.length >= place.length && !(isKnown && same(read, place)),
    )
  })
}

/** The input with an empty object where one was erased that only had to be there. */
export function withErasedObjects(input: PolicyInput, { erased = [] }: DecisionRecord): PolicyInput {
  const gone = (members: readonly string[]) => erased.includes(`/input/${members.join('/')}`)
  const [args, claims] = OBJECTS
  const { subject, resource } = input
  return {
    ...input,
    ...(gone(args) && { resource: { ...resource, properties: { ...resource.properties, arguments: {} } } }),
    ...(gone(claims) && { subject: { ...subject, properties: { ...subject.properties, claims: {} } } }),
  }
}

const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && meets(a, b)
