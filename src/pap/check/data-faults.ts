import { closest } from '../../lib/closest.ts'
import type { Finding } from '../../model/finding.ts'
import { type Json, type JsonObject, membersOf } from '../../model/json.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { catalogueFaults } from './catalogue-faults.ts'
import type { DataFault, Place } from './data-fault.ts'
import { graphFaults } from './graph-faults.ts'
import { pathFaults, prefixFaults } from './prefix-faults.ts'
import { DATA_FOLDERS } from './structure.ts'

const ROLE_KEYS = [
  'tools',
  'prompts',
  'resources',
  'paths',
  'may_write',
  'people_only',
  'administration',
  'plan',
  'rank',
]
const FIGURES = ['limit', 'burst', 'lease', 'max_bytes']

/**
 * What would be wrong in silence at run time: a plan that does not exist, a role without its key in
 * `inherits`, a figure that is no limit, and data where only rules stand.
 */
export const dataFaults = (data: JsonObject): readonly PolicyFault[] =>
  faultsIn(data, undefined).map(({ folder, message, remedy }) => ({ file: `mcp/${folder}/data.yaml`, message, remedy }))

/** As `dataFaults`, with lines, and with the names of tools held against those that the catalogue knows. */
export const dataFindings = (data: JsonObject, tools: ReadonlySet<string>, place: Place): readonly Finding[] =>
  faultsIn(data, tools).map(({ check, folder, members, message, remedy }) => ({
    check,
    level: 'error',
    ...place(folder, members),
    message,
    remedy,
  }))

function faultsIn(data: JsonObject, tools: ReadonlySet<string> | undefined): readonly DataFault[] {
  const mcp = membersOf(data['mcp'])
  const roles = Object.entries(membersOf(mcp['roles']))
  return [
    ...Object.keys(mcp).flatMap(placeFaults),
    ...roles.flatMap(([role, described]) => roleFaults(role, membersOf(described), membersOf(mcp['plans']), tools)),
    ...graphFaults(mcp['roles'], mcp['inherits'], mcp['scopes']),
    ...figureFaults(mcp['plans'] ?? {}, []),
    ...pathFaults(mcp['paths']),
    ...catalogueFaults(membersOf(mcp['catalogue'])),
  ]
}

function placeFaults(folder: string): readonly DataFault[] {
  if (DATA_FOLDERS.some((name) => name === folder)) return []
  const message = `data at data.mcp.${folder} stands where it would be taken for rules or ignored`
  return [{ check: 'data-place', folder, members: [], message, remedy: `Keep data in ${DATA_FOLDERS.join(', ')}` }]
}

function roleFaults(
  role: string,
  described: JsonObject,
  plans: JsonObject,
  tools: ReadonlySet<string> | undefined,
): readonly DataFault[] {
  const at = (check: string, members: readonly string[], message: string, remedy: string): DataFault => ({
    check,
    folder: 'roles',
    members: [role, ...members],
    message: `role "${role}" ${message}`,
    remedy,
  })
  const { plan, rank, paths } = described
  const names = Object.keys(plans).join(', ') || 'the plans to be added in mcp/plans/data.yaml'
  const isPlan = plan === undefined || (typeof plan === 'string' && Object.hasOwn(plans, plan))
  return [
    ...(isPlan
      ? []
      : [
          at(
            'unknown-plan',
            ['plan'],
            `names the plan ${JSON.stringify(plan)}, which does not exist`,
            `Name one of ${names}`,
          ),
        ]),
    ...(rank === undefined || (typeof rank === 'number' && Number.isFinite(rank))
      ? []
      : [at('role-shape', ['rank'], `has the rank ${JSON.stringify(rank)}`, 'A rank is a number')]),
    ...['may_write', 'people_only'].flatMap((flag) => {
      const said = described[flag]
      if (said === undefined || typeof said === 'boolean') return []
      return [at('role-shape', [flag], `has ${flag} ${JSON.stringify(said)}`, 'Write true or false')]
    }),
    ...['tools', 'prompts', 'resources', 'administration'].flatMap((list) =>
      nameFaults(list, described[list], tools, at),
    ),
    ...(paths === undefined
      ? []
      : prefixFaults(paths).map(({ members, message, remedy }) =>
          at('bad-prefix', ['paths', ...members], message, remedy),
        )),
    ...Object.keys(described).flatMap((key) => {
      const meant = ROLE_KEYS.includes(key) ? undefined : closest(key, ROLE_KEYS)
      return meant === undefined
        ? []
        : [at('role-shape', [key], `has "${key}", which nothing reads`, `Did you mean "${meant}"?`)]
    }),
  ]
}

function nameFaults(
  list: string,
  names: Json | undefined,
  tools: ReadonlySet<string> | undefined,
  at: (check: string, members: readonly string[], message: string, remedy: string) => DataFault,
): readonly DataFault[] {
  if (names === undefined) return []
  if (!Array.isArray(names)) return [at('role-shape', [list], `has ${list} that are no list`, 'Write a list of names')]
  return names.flatMap((name, index) => {
    const members = [list, String(index)]
    if (typeof name !== 'string')
      return [at('role-shape', members, `has ${JSON.stringify(name)} among its ${list}`, 'Write a name')]
    if (list !== 'tools' || tools === undefined || name === '*' || tools.has(name)) return []
    const meant = closest(name, [...tools])
    const remedy = 'Correct the name, or describe the tool in mcp/catalogue/data.yaml'
    const message = `names the tool "${name}", which the catalogue does not know`
    return [at('unknown-tool', members, message, meant === undefined ? remedy : `Did you mean "${meant}"? ${remedy}`)]
  })
}

/** Figures by the names that rules read, and every other number of a plan. */
function figureFaults(value: Json, members: readonly string[]): readonly DataFault[] {
  const isNumber = typeof value === 'number'
  const isFigure = FIGURES.includes(members.at(-1) ?? '')
  if (isNumber || isFigure) {
    if (isNumber && Number.isFinite(value) && value >= 0) return []
    const message = `${members.join('.')} is ${isNumber ? value : JSON.stringify(value)}`
    return [
      {
        check: 'bad-figure',
        folder: 'plans',
        members,
        message,
        remedy: 'A figure of a plan is a finite number from 0 on',
      },
    ]
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => figureFaults(inner, [...members, name]))
}
