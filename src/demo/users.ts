/** A user of the demo: one for each role of the default policy, and named like it. */
export type DemoUser = {
  readonly name: string
  readonly roles: readonly string[]
  /** Scopes of a token that names none. */
  readonly scope: string
  /** Scopes that a client may have on this user's behalf. */
  readonly grants: readonly string[]
  readonly description: string
}

export const DEMO_USERS = [
  {
    name: 'admin',
    roles: ['admin'],
    scope: 'mcp:write',
    grants: ['mcp:read', 'mcp:write', 'mcp:admin'],
    description: 'reads and writes the whole workspace, and administers the policies',
  },
  {
    name: 'user',
    roles: ['user'],
    scope: 'mcp:write',
    grants: ['mcp:read', 'mcp:write'],
    description: 'reads and writes its own folder and the public one',
  },
  {
    name: 'readonly',
    roles: ['readonly'],
    scope: 'mcp:read',
    grants: ['mcp:read'],
    description: 'reads the public folder and the documents',
  },
] as const satisfies readonly DemoUser[]
