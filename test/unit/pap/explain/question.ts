import type { PolicyInput } from '../../../../src/model/input.ts'

type Asked = {
  readonly id?: string
  readonly roles?: readonly string[]
  readonly scopes?: readonly string[]
  readonly action?: string
  readonly resource?: PolicyInput['resource']
}

/** A call of `readFile` by alice, a user, with some of it replaced. */
export const ask = ({
  id = 'alice',
  roles = ['user'],
  scopes = ['mcp:write'],
  action = 'tools/call',
  resource = readFile('public', 'a.txt'),
}: Asked = {}): PolicyInput => ({
  subject: {
    type: 'user',
    id,
    properties: {
      issuer: 'https://issuer',
      home: true,
      tenant: 'acme',
      client_id: 'cli',
      roles: [...roles],
      scopes: [...scopes],
      claims: {},
    },
  },
  action: { name: action },
  resource,
  context: {
    time: '2026-11-22T15:44:00.000Z',
    unix: 1795362240,
    weekday: 7,
    hour: 15,
    minute: 44,
    request_id: 'r1',
    protocol_version: '2025-11-25',
    era: 'legacy',
    bytes: 312,
  },
})

const call = (
  id: string,
  access: 'read' | 'write',
  read_only: boolean,
  segments: readonly string[],
): PolicyInput['resource'] => ({
  type: 'tool',
  id,
  properties: {
    server: 'files',
    read_only,
    access: [access],
    tags: ['files'],
    arguments: { path: `/${segments.join('/')}` },
    paths: [{ argument: '/path', segments: [...segments], access }],
  },
})

export const readFile = (...segments: readonly string[]) => call('readFile', 'read', true, segments)
export const writeFile = (...segments: readonly string[]) => call('writeFile', 'write', false, segments)

/** The existence question. */
export const listed = (resource: PolicyInput['resource']): PolicyInput['resource'] => {
  const { arguments: _, paths: __, ...properties } = resource.properties
  return { ...resource, properties }
}
