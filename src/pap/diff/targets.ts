import { distinct } from '../../lib/distinct.ts'
import { pointerMembers, toPointer } from '../../lib/json-pointer.ts'
import { type Json, membersOf } from '../../model/json.ts'
import type { Access, Resource } from '../../model/resource.ts'
import type { Path } from './places.ts'
import { namesOf, type PolicyData, type VouchedTool } from './policy-data.ts'

/** A tool as the catalogue describes it: what lists ask of it, and what a call of it asks. */
export type ToolTarget = {
  readonly existence: Resource
  readonly takesPath: boolean
  /** With every path argument at one place. */
  readonly call: (path: Path) => Resource
}

export type Target = { readonly action: string; readonly resource: Resource }

const UPSTREAM = 'upstream'
const UNKNOWN = 'name-nobody-described'
const ACCESSES: readonly string[] = ['read', 'write', 'list']

/** Our own tools, those that a policy vouches for, those it only names, and one that nobody knows. */
export function toolTargets(
  ours: readonly ToolTarget[],
  policies: readonly PolicyData[],
  alsoNamed: readonly string[],
): readonly ToolTarget[] {
  const known = new Set(ours.map(({ existence }) => existence.id))
  // Each policy's own description, where they differ: the server would serve one or the other.
  const vouched = distinct(policies.flatMap(({ vouched }) => [...vouched])).filter(([name]) => !known.has(name))
  for (const [name] of vouched) known.add(name)
  const named = distinct([
    ...policies.flatMap(({ roles }) => [...roles.values()].flatMap((role) => namesOf(role, 'tools'))),
    ...alsoNamed,
  ]).filter((name) => !known.has(name))
  return [
    ...ours,
    ...vouched.map(([name, tool]) => vouchedTarget(name, tool)),
    ...named.map((name) => vouchedTarget(name, { tags: [], paths: {} })),
    plainTarget({ type: 'tool', id: UNKNOWN, properties: {} }),
  ]
}

function vouchedTarget(id: string, { readOnly, tags, paths }: VouchedTool): ToolTarget {
  const declared = Object.entries(paths).filter((entry): entry is [string, Access] => ACCESSES.includes(entry[1]))
  const access = [...new Set(declared.map(([, kind]) => kind))].toSorted()
  const existence: Resource = {
    type: 'tool',
    id,
    properties: { server: UPSTREAM, read_only: readOnly ?? false, access, tags: [...tags] },
  }
  if (declared.length === 0) return plainTarget(existence)
  return {
    existence,
    takesPath: true,
    call: (path) => {
      const places = declared.map(([pointer, kind]) => ({ members: pointerMembers(pointer).map(first), kind }))
      const args = places.reduce((made, { members }) => putText(made, members, `/${path.join('/')}`), {})
      const walked = places.map(({ members, kind }) => ({
        argument: toPointer(members),
        segments: [...path],
        access: kind,
      }))
      return { ...existence, properties: { ...existence.properties, arguments: args, paths: walked } }
    },
  }
}

/** Of every element, the first one. */
const first = (member: string): string => (member === '*' ? '0' : member)

function putText(into: Readonly<Record<string, Json>>, members: readonly string[], text: string): Record<string, Json> {
  const [member = '', ...rest] = members
  const inner = into[member]
  return { ...into, [member]: rest.length === 0 ? text : putText(membersOf(inner), rest, text) }
}

const plainTarget = (existence: Resource): ToolTarget => ({
  existence,
  takesPath: false,
  call: () => ({ ...existence, properties: { ...existence.properties, arguments: {}, paths: [] } }),
})

/** Everything that is no tool: the protocol itself, prompts, resources and tasks. */
export function otherTargets(
  methods: readonly string[],
  policies: readonly PolicyData[],
  alsoNamed: readonly string[],
): readonly Target[] {
  const named = (kind: string) => [
    ...distinct(policies.flatMap(({ roles }) => [...roles.values()].flatMap((role) => namesOf(role, kind)))),
    UNKNOWN,
  ]
  const known = { server: UPSTREAM, read_only: true }
  const bare = (type: string, id: string): Resource => ({ type, id, properties: known })
  const call = (type: string, id: string): Resource => ({ type, id, properties: { ...known, arguments: {} } })
  const undescribed = (type: string): Resource => ({ type, id: UNKNOWN, properties: { arguments: {} } })
  return [
    ...[...methods, UNKNOWN, ...alsoNamed].map((action) =>
      target(action, { type: 'server', id: 'portcullis', properties: {} }),
    ),
    ...alsoNamed.map((type) => target(UNKNOWN, { type, id: UNKNOWN, properties: {} })),
    ...['prompts/get', 'completion/complete'].flatMap((action) =>
      [...named('prompts').flatMap((id) => [bare('prompt', id), call('prompt', id)]), undescribed('prompt')].map(
        (resource) => target(action, resource),
      ),
    ),
    ...['resources/read', 'resources/subscribe', 'resources/unsubscribe', 'completion/complete'].flatMap((action) =>
      ['resource', 'resource_template'].flatMap((type) =>
        [...named('resources').flatMap((id) => [bare(type, id), call(type, id)]), undescribed(type)].map((resource) =>
          target(action, resource),
        ),
      ),
    ),
    ...methods
      .filter((method) => method.startsWith('tasks/'))
      .map((action) => target(action, { type: 'task', id: UNKNOWN, properties: {} })),
  ]
}

const target = (action: string, resource: Resource): Target => ({ action, resource })
