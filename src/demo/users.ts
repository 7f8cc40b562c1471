/** A user of the demo: one for each role of the default policy, and named like it. */
export type DemoUser = { readonly name: string; readonly roles: readonly string[]; readonly scope: string }

export const DEMO_USERS = [
  { name: 'admin', roles: ['admin'], scope: 'mcp:write' },
  { name: 'user', roles: ['user'], scope: 'mcp:write' },
  { name: 'readonly', roles: ['readonly'], scope: 'mcp:read' },
] as const satisfies readonly DemoUser[]
