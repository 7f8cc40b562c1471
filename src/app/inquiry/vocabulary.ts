import { ADMIN_ROUTES } from '../../http/admin/actions.ts'
import { METHODS } from '../../mcp/methods.ts'
import { PolicyInput } from '../../model/input.ts'
import type { Schema, Vocabulary } from '../../pap/check/vocabulary.ts'
import { BUILTIN_TOOLS } from '../../tools/builtin.ts'

/** Sent by clients of either era; each is decided as an action of its name. */
const NOTIFICATIONS = [
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'notifications/roots/list_changed',
]

/** The words that policy may be asked about here. */
export const VOCABULARY: Vocabulary = {
  actions: [...METHODS.keys(), ...NOTIFICATIONS, ...ADMIN_ROUTES.map(({ action }) => action)],
  resourceTypes: ['tool', 'prompt', 'resource', 'resource_template', 'server', 'task', 'policy'],
  tools: new Map(BUILTIN_TOOLS.map(({ name, input }) => [name, input as object as Schema] as const)),
  input: PolicyInput as object as Schema,
}
