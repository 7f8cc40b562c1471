/** What can be done to the policies of a server, each at one address. Policies know these as names of actions. */
export const ADMIN_ROUTES = [
  { action: 'policy/read', method: 'GET', path: '/admin/policies' },
  { action: 'policy/check', method: 'POST', path: '/admin/policies/check' },
  { action: 'policy/activate', method: 'POST', path: '/admin/policies/activate' },
  { action: 'policy/rollback', method: 'POST', path: '/admin/policies/rollback' },
  { action: 'policy/shadow', method: 'GET', path: '/admin/shadow' },
] as const

export type AdminRoute = (typeof ADMIN_ROUTES)[number]
export type AdminAction = AdminRoute['action']

export const ADMIN_ACTIONS: readonly AdminAction[] = ADMIN_ROUTES.map(({ action }) => action)
