const caller = (id: string, roles: string, scopes: string): string => `
    type: user
    id: ${id}
    properties:
      issuer: https://issuer.example
      home: true
      tenant: acme
      client_id: editor
      roles: [${roles}]
      scopes: [${scopes}]
      claims: {}`

const tool = (name: string, access: string, readOnly: boolean): string => `
    type: tool
    id: ${name}
    properties: { server: files, read_only: ${readOnly}, access: [${access}], tags: [files] }`

const path = (argument: string, segments: string, access: string): string =>
  `
    arguments: { path: ${argument} }
    paths: [{ argument: /path, segments: [${segments}], access: ${access} }]`

const permit = (code: string): string => `
    want: { effect: permit, visible: true, codes: [${code}] }`
const refuse = (codes: string): string => `
    want: { effect: deny, visible: true, codes: [${codes}] }`
const hide = (codes: string): string => `
    want: { effect: deny, visible: false, codes: [${codes}] }`
const ask = (note: string, who: string, action: string, what: string): string => `

  - note: ${note}
    subject: ${who}
    action: ${action}
    resource: ${what}`

/** Questions to the policy that a new repository begins with: every rule is seen speaking and silent. */
export const EXAMPLE_CASES = `# yaml-language-server: $schema=../case.schema.json
description: What each role may do, and what stops it

context:
  time: "2026-11-22T15:44:00.000Z"
  unix: 1795362240
  weekday: 7
  hour: 15
  minute: 44
  request_id: case
  protocol_version: "2025-11-25"
  era: legacy
  bytes: 300

subjects:
  user:${caller('alice', 'user', 'mcp:write')}
  reader:${caller('bob', 'readonly', 'mcp:write')}
  admin:${caller('root', 'admin', 'mcp:write, mcp:admin')}
  stranger:${caller('eve', '', 'mcp:write')}
  user_without_scopes:${caller('alice', 'user', '')}
  admin_of_tools:${caller('root', 'admin', 'mcp:write')}
  agent_of_admin:${caller('root', 'admin', 'mcp:write, mcp:admin')}
      actors: [{ id: agent, issuer: https://issuer.example }]
  nobody:
    type: user
    id: alice
    properties: { roles: [user], scopes: [mcp:write] }

resources:
  server: { type: server, id: portcullis, properties: { server: portcullis } }
  policies: { type: policy, id: portcullis, properties: { server: portcullis } }
  review: { type: prompt, id: review, properties: { server: files, read_only: true } }
  readme: { type: resource, id: "file:///readme.md", properties: { server: files, read_only: true } }
  readFile:${tool('readFile', 'read', true)}
  listFiles:${tool('listFiles', 'list', true)}
  searchFiles:${tool('searchFiles', 'list', true)}
  writeFile:${tool('writeFile', 'write', false)}

cases:${[
  ask('everyone may open a session', 'stranger', 'initialize', 'server') + permit('protocol.method'),
  ask('a user reads below public', 'user', 'tools/call', 'readFile') +
    path('/public/a.txt', 'public, a.txt', 'read') +
    permit('tools.role_granted'),
  ask('a user writes in the own folder', 'user', 'tools/call', 'writeFile') +
    path('/users/alice/a.txt', 'users, alice, a.txt', 'write') +
    permit('tools.role_granted'),
  ask('nobody gets into the folder of another', 'user', 'tools/call', 'readFile') +
    path('/users/bob/a.txt', 'users, bob, a.txt', 'read') +
    refuse('paths.outside'),
  ask('secrets are closed, even to admins', 'admin', 'tools/call', 'readFile') +
    path('/public/.env', 'public, .env', 'read') +
    refuse('paths.never'),
  ask('nobody writes a name with a dot', 'user', 'tools/call', 'writeFile') +
    path('/public/.profile', 'public, .profile', 'write') +
    refuse('writeFile.dot_name'),
  ask('a request larger than the plan allows', 'user', 'tools/call', 'readFile') +
    path('/public/a.txt', 'public, a.txt', 'read') +
    '\n    context: { bytes: 2000000 }' +
    refuse('requests.size'),
  ask('a token without scopes is asked for one', 'user_without_scopes', 'tools/call', 'readFile') +
    path('/public/a.txt', 'public, a.txt', 'read') +
    refuse('main.scope_missing'),
  ask('readers do not see a tool that writes', 'reader', 'tools/call', 'writeFile') +
    hide('main.no_permit, paths.unreachable, tools.writer_role'),
  ask('readers see the list of files', 'reader', 'tools/call', 'listFiles') + permit('tools.role_granted'),
  ask('readers do not search', 'reader', 'tools/call', 'searchFiles') + hide('main.no_permit'),
  ask('who has no role sees no tool', 'stranger', 'tools/call', 'readFile') + hide('main.no_permit, paths.unreachable'),
  ask('a token that says too little gets nothing', 'nobody', 'tools/call', 'readFile') + hide('subjects.incomplete'),
  ask('without a complete plan nobody calls anything', 'user', 'tools/call', 'readFile') +
    '\n    data: { plans: { other: {} } }' +
    hide('limits.required'),
  ask('admins use prompts', 'admin', 'prompts/get', 'review') + permit('prompts.role_granted'),
  ask('admins read resources', 'admin', 'resources/read', 'readme') + permit('resources.role_granted'),
  ask('admins activate policies', 'admin', 'policy/activate', 'policies') + permit('administration.role_granted'),
  ask('users do not', 'user', 'policy/activate', 'policies') + hide('main.no_permit'),
  ask('nor does an agent for an admin', 'agent_of_admin', 'policy/activate', 'policies') +
    hide('main.no_permit, subjects.own_hands'),
].join('')}
`
