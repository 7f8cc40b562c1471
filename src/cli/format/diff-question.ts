import type { PolicyInput } from '../../model/input.ts'
import { USUAL } from '../../pap/diff/circumstances.ts'
import type { ChangeGroup, Example } from '../../pap/diff/tally.ts'

/** Whom a group is about. */
export const whoOf = ({ roles }: ChangeGroup): string => (roles.length === 0 ? 'any caller' : roles.join(' + '))

/** The question of an example in words. Of a recorded one only its name: who asked what is in the log. */
export function questionOf({ input, decision_id }: Example): string {
  return decision_id === undefined
    ? `${callerOf(input)}: ${callOf(input)}${circumstancesOf(input)}`
    : `decision ${decision_id}`
}

function callerOf({ subject }: PolicyInput): string {
  const { roles, scopes, home, tenant, client_id, claims } = subject.properties
  const parts = [
    `${subject.type} ${subject.id}`,
    roles.length === 0 ? 'no role' : `role ${roles.join(' + ')}`,
    scopes.length === 0 ? 'no scope' : `scope ${scopes.join(' ')}`,
    !home && 'foreign issuer',
    tenant !== '' && `tenant ${tenant}`,
    client_id !== '' && `client ${client_id}`,
    Object.keys(claims).length > 0 && `claims ${JSON.stringify(claims)}`,
  ]
  return parts.filter((part) => part !== false).join(', ')
}

function callOf({ action, resource }: PolicyInput): string {
  const { arguments: args, paths } = resource.properties
  const what = resource.type === 'server' ? action.name : `${action.name} ${resource.id}`
  if (resource.type !== 'tool') return what
  if (args === undefined) return `${what}, with some arguments`
  const at = (paths ?? []).map(({ segments }) => `/${segments.join('/')}`)
  return at.length > 0 ? `${what} ${[...new Set(at)].join(' ')}` : `${what} ${JSON.stringify(args)}`
}

function circumstancesOf({ context }: PolicyInput): string {
  const parts = [
    context.time !== USUAL.time && `at ${context.time}`,
    context.bytes !== USUAL.bytes && `of ${context.bytes} bytes`,
    context.era !== USUAL.era && `on the ${context.era} wire`,
  ].filter((part) => part !== false)
  return parts.length === 0 ? '' : `, ${parts.join(', ')}`
}
