import { Compile } from 'typebox/compile'
import type { TLocalizedValidationError } from 'typebox/error'
import { Settings } from 'typebox/system'
import { sha256 } from '../lib/digest.ts'
import { distinct } from '../lib/distinct.ts'
import { pointerMembers, toPointer } from '../lib/json-pointer.ts'
import { toSegments } from '../lib/path-segments.ts'
import type { ArgumentFault } from '../model/described.ts'
import { isObject, type Json, type JsonObject } from '../model/json.ts'
import type { Access, PathArgument } from '../model/resource.ts'
import type { Tool } from '../model/tool.ts'

/** TypeBox stops at eight by default, which hides faults; without a bound a megabyte of them would come back. */
const MAX_FAULTS = 64
Settings.Set({ maxErrors: MAX_FAULTS })

/** The arguments of one call as three readers need them. */
export type ReadArguments = {
  readonly faults: readonly ArgumentFault[]
  /** As they will be executed: a copy with defaults. */
  readonly args: JsonObject
  /** As policy and record see them: payloads as bytes and digest. */
  readonly shown: Record<string, Json>
  readonly paths: PathArgument[]
}

/**
 * Checks arguments against a schema, compiled once, and cuts its path arguments into the
 * segments that the workspace will walk. Every fault is reported, none by its value. Nothing is coerced:
 * what is decided is what was sent, with defaults.
 */
export function createArgumentReader(
  tool: Pick<Tool, 'input' | 'paths' | 'payload'>,
  noun: 'tool' | 'prompt' = 'tool',
): (sent: JsonObject) => ReadArguments {
  const validator = Compile(tool.input)
  const declared = Object.entries(tool.paths).map(([pointer, access]) => ({ members: pointerMembers(pointer), access }))
  const payloads = tool.payload.map(pointerMembers)

  return (sent) => {
    const args = validator.Default(structuredClone(sent)) as JsonObject
    if (!validator.Check(args)) {
      const faults = validator.Errors(args).flatMap((error) => toFaults(error, noun))
      // each branch of a union says the same of a value that none of them takes
      return { faults: distinct(faults), args, shown: {}, paths: [] }
    }
    const faults: ArgumentFault[] = []
    const paths = declared.flatMap(({ members, access }) => pathArguments(args, members, access, faults))
    return { faults, args, shown: payloads.length === 0 ? args : withoutPayloads(args, payloads), paths }
  }
}

/** The names of unknown arguments are the caller's own; a long one is cut. */
const MAX_POINTER = 128

function toFaults(error: TLocalizedValidationError, noun: string): readonly ArgumentFault[] {
  const at = (member: string) => `${error.instancePath}${toPointer([member])}`
  switch (error.keyword) {
    case 'required':
      return error.params.requiredProperties.map((member) => ({ pointer: at(member), expected: 'is required' }))
    case 'boolean':
      return [{ pointer: error.instancePath.slice(0, MAX_POINTER), expected: `is not an argument of this ${noun}` }]
    case 'additionalProperties':
      return [] // says again what was said of each member
    case 'enum':
    case 'const':
      return [{ pointer: error.instancePath, expected: 'must be one of the values in the schema' }]
    default:
      return [{ pointer: error.instancePath, expected: error.message }]
  }
}

/** `*` stands for each element. A path that is absent after defaults is the root. */
function pathArguments(
  args: JsonObject,
  members: readonly string[],
  access: Access,
  faults: ArgumentFault[],
): PathArgument[] {
  return select(args, members, []).flatMap(({ argument, value }) => {
    if (value !== undefined && typeof value !== 'string') return []
    const segments = toSegments(value ?? '')
    if (segments.ok) return [{ argument, segments: [...segments.value], access }]
    faults.push({ pointer: argument, expected: segments.error })
    return []
  })
}

type Selected = { readonly argument: string; readonly value: Json | undefined }

function select(value: Json | undefined, members: readonly string[], walked: (string | number)[]): Selected[] {
  const [member, ...rest] = members
  if (member === undefined || value === undefined) return [{ argument: toPointer([...walked, ...members]), value }]
  if (member === '*' && Array.isArray(value))
    return value.flatMap((element: Json, index) => select(element, rest, [...walked, index]))
  const inner = typeof value === 'object' && value !== null && Object.hasOwn(value, member)
  return select(inner ? (value as JsonObject)[member] : undefined, rest, [...walked, member])
}

function withoutPayloads(args: JsonObject, payloads: readonly (readonly string[])[]): Record<string, Json> {
  return payloads.reduce((shown, members) => replaceText(shown, members), { ...args })
}

function replaceText(value: Readonly<Record<string, Json>>, members: readonly string[]): Record<string, Json> {
  const [member, ...rest] = members
  const inner = member === undefined ? undefined : value[member]
  if (member === undefined || inner === undefined) return { ...value }
  if (rest.length > 0) return { ...value, [member]: isObject(inner) ? replaceText(inner, rest) : inner }
  if (typeof inner !== 'string') return { ...value }
  return { ...value, [member]: { bytes: Buffer.byteLength(inner), sha256: sha256(inner) } }
}
