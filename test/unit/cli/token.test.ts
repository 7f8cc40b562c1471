import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { decodeJwt } from 'jose'
import { run } from './run.ts'

const environment = process.env
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-token-'))
  process.env = { ...environment, XDG_STATE_HOME: folder }
})
afterAll(async () => {
  process.env = environment
  await rm(folder, { recursive: true })
})

describe('portcullis token', () => {
  test.each([
    { flags: ['admin'], roles: ['admin'], scope: 'mcp:write' },
    { flags: ['readonly'], roles: ['readonly'], scope: 'mcp:read' },
    { flags: ['admin', '--scope', 'mcp:admin'], roles: ['admin'], scope: 'mcp:admin' },
    { flags: ['user', '--scope', 'mcp:read mcp:admin'], roles: ['user'], scope: 'mcp:read mcp:admin' },
  ])('$flags', async ({ flags, roles, scope }) => {
    const { stdout, stderr, code } = await run('token', ...flags)
    const claims = decodeJwt(stdout.trim())
    expect({ roles: claims['roles'], scope: claims['scope'], stderr, code }).toEqual({
      roles,
      scope,
      stderr: '',
      code: 0,
    })
  })

  test.each(['', ' mcp:read', 'mcp:read  mcp:write', 'a"b', 'ä'])('%j is no scope', async (scope) => {
    const { stdout, stderr, code } = await run('token', 'admin', '--scope', scope)
    expect({ stdout, says: stderr.includes('Write scopes like "mcp:read"'), code }).toEqual({
      stdout: '',
      says: true,
      code: 2,
    })
  })
})
