import { type Json, type JsonObject, membersOf } from '../../model/json.ts'

export type Prefix = readonly (string | { readonly subject: string })[]
export type VouchedTool = {
  readonly readOnly?: boolean
  readonly tags: readonly string[]
  readonly paths: Readonly<Record<string, string>>
}

/** The parts of `data.mcp` that say which questions are worth asking. Whatever has another form says nothing. */
export type PolicyData = {
  readonly roles: ReadonlyMap<string, JsonObject>
  readonly inherits: ReadonlyMap<string, readonly string[]>
  readonly scopes: readonly string[]
  readonly never: readonly string[]
  readonly vouched: ReadonlyMap<string, VouchedTool>
  /** Every figure of the plans. */
  readonly figures: readonly number[]
}

export function policyData(data: JsonObject): PolicyData {
  const mcp = membersOf(data['mcp'])
  const roles = new Map(Object.entries(membersOf(mcp['roles'])).map(([name, role]) => [name, membersOf(role)]))
  const inherits = Object.entries(membersOf(mcp['inherits'])).map(
    ([name, parents]) => [name, strings(parents)] as const,
  )
  const vouched = Object.entries(membersOf(mcp['catalogue'])).map(([name, tool]) => [name, vouchedTool(tool)] as const)
  return {
    roles,
    inherits: new Map(inherits),
    scopes: Object.keys(membersOf(mcp['scopes'])),
    never: strings(membersOf(mcp['paths'])['never']),
    vouched: new Map(vouched),
    figures: numbersIn(mcp['plans']),
  }
}

/** The prefixes that a role opens by itself. */
export function prefixesOf(role: JsonObject | undefined): readonly Prefix[] {
  const { read, write, list } = membersOf(role?.['paths'])
  return [read, write, list]
    .flatMap((prefixes) => elements(prefixes))
    .flatMap((prefix) => (Array.isArray(prefix) ? [prefix as unknown as Prefix] : []))
}

/** What a role names of a kind: tools, prompts or resources. */
export const namesOf = (role: JsonObject, kind: string): readonly string[] =>
  strings(role[kind]).filter((name) => name !== '*')

/** The role and all that it inherits. */
export function reachable({ inherits }: PolicyData, roles: readonly string[]): ReadonlySet<string> {
  const found = new Set(roles)
  for (const role of found) for (const parent of inherits.get(role) ?? []) found.add(parent)
  return found
}

function vouchedTool(value: Json): VouchedTool {
  const { read_only, tags, paths } = membersOf(value)
  const declared = Object.entries(membersOf(paths)).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  return {
    ...(typeof read_only === 'boolean' && { readOnly: read_only }),
    tags: strings(tags),
    paths: Object.fromEntries(declared),
  }
}

const elements = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : [])

const strings = (value: Json | undefined): readonly string[] =>
  elements(value).filter((element) => typeof element === 'string')

const numbersIn = (value: Json | undefined): readonly number[] => {
  if (typeof value === 'number') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : []
}
