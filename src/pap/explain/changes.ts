import { distinct } from '../../lib/distinct.ts'
import { pointerMembers } from '../../lib/json-pointer.ts'
import type { PolicyInput } from '../../model/input.ts'
import { type Json, type JsonObject, membersOf } from '../../model/json.ts'
import type { Change } from './explanation.ts'

/** A change, and the question with it. */
export type Candidate = { readonly change: Change; readonly apply: (input: PolicyInput) => PolicyInput }

/** A name that no policy has a reason to close. */
const HARMLESS = 'example'

export const addRole = (role: string): Candidate => ({
  change: { change: 'role', add: role },
  apply: (input) => withProperties(input, { roles: [...input.subject.properties.roles, role] }),
})

export const addScopes = (scopes: readonly string[]): Candidate => ({
  change: { change: 'scope', add: scopes },
  apply: (input) => withProperties(input, { scopes: [...input.subject.properties.scopes, ...scopes] }),
})

const withProperties = (input: PolicyInput, own: Partial<PolicyInput['subject']['properties']>): PolicyInput => ({
  ...input,
  subject: { ...input.subject, properties: { ...input.subject.properties, ...own } },
})

type PathArgument = NonNullable<PolicyInput['resource']['properties']['paths']>[number]

/** Other values of each path argument: the same name below every prefix, and the path without one of its names. */
export function pathCandidates(input: PolicyInput, prefixes: readonly (readonly string[])[]): readonly Candidate[] {
  const paths = input.resource.properties.paths ?? []
  return paths.flatMap(({ argument, segments }, index) => [
    ...prefixes.map((prefix) => ({
      change: { change: 'path', argument, below: `/${prefix.join('/')}` } as const,
      apply: withPath(index, [...prefix, segments.at(-1) ?? HARMLESS]),
    })),
    ...[...new Set(segments)].map((name) => ({
      change: { change: 'path', argument, without: name } as const,
      apply: withPath(
        index,
        segments.map((segment) => (segment === name ? HARMLESS : segment)),
      ),
    })),
  ])
}

const withPath =
  (index: number, segments: readonly string[]) =>
  (input: PolicyInput): PolicyInput => {
    const { resource } = input
    const paths = (resource.properties.paths ?? []).map((path, at) =>
      at === index ? ({ ...path, segments: [...segments] } satisfies PathArgument) : path,
    )
    const pointer = paths[index]?.argument ?? ''
    const args = resource.properties.arguments as JsonObject | undefined
    const changed =
      args === undefined ? {} : { arguments: put(args, pointerMembers(pointer), `/${segments.join('/')}`) }
    return {
      ...input,
      resource: {
        ...resource,
        properties: { ...resource.properties, paths, ...changed } as typeof resource.properties,
      },
    }
  }

/** Replaces what a pointer names, if it is there. */
function put(value: Json, [member, ...rest]: readonly string[], content: string): Json {
  if (member === undefined) return content
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((one, at) => (String(at) === member ? put(one, rest, content) : one))
  if (!Object.hasOwn(value, member)) return value
  return { ...value, [member]: put((value as JsonObject)[member] ?? null, rest, content) }
}

/** Every prefix that the roles of this policy name, the subject's own folder written out. */
export function prefixesIn(data: JsonObject, subject: PolicyInput['subject']): readonly (readonly string[])[] {
  const roles = Object.values(membersOf(membersOf(data['mcp'])['roles']))
  return distinct(
    roles
      .flatMap((role) => Object.values(membersOf(membersOf(role)['paths'])))
      .flatMap((templates) => (Array.isArray(templates) ? (templates as readonly Json[]) : []))
      .flatMap((template) => (Array.isArray(template) ? [resolved(template, subject.id)] : []))
      .filter((prefix) => prefix !== undefined),
  )
}

function resolved(template: readonly Json[], id: string): readonly string[] | undefined {
  const parts = template.map((part) =>
    typeof part === 'string' ? part : membersOf(part)['subject'] === 'id' ? id : undefined,
  )
  return parts.every((part) => part !== undefined) ? parts : undefined
}

export const rolesIn = (data: JsonObject): readonly string[] => Object.keys(membersOf(membersOf(data['mcp'])['roles']))
