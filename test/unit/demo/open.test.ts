import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { type Config, formatFaults, loadConfig } from '../../../src/config/load.ts'
import { openDemo, withAuthorizationServer } from '../../../src/demo/open.ts'
import { DEMO_USERS } from '../../../src/demo/users.ts'
import { createAuthenticate } from '../../../src/pip/authenticate.ts'
import { createKeySet } from '../../../src/pip/key-set.ts'
import { createFileKeySource } from '../../../src/pip/key-source.ts'

const folder = await mkdtemp(join(tmpdir(), 'portcullis-demo-'))
afterAll(() => rm(folder, { recursive: true }))
const NOW = Date.parse('2026-11-22T12:00:00Z')
const now = () => NOW

async function demoIn(dir: string) {
  const opened = await openDemo(dir, randomUUID)
  if (!opened.ok) throw new Error(opened.error)
  return opened.value
}

async function configOf(demo: unknown): Promise<Config> {
  const loaded = await loadConfig({ env: {}, flags: {}, demo, cwd: folder })
  if (!loaded.ok) throw new Error(formatFaults(loaded.error))
  return loaded.value
}

describe('the settings of the demo', () => {
  test('are a whole configuration', async () => {
    const dir = join(folder, 'settings')
    const config = await configOf((await demoIn(dir)).settings)
    const { public_url: url, workspace, log, admin } = config
    expect({ url, workspace, log: log.path, admin }).toEqual({
      url: 'http://127.0.0.1:3000',
      workspace: join(dir, 'workspace'),
      log: join(dir, 'decisions.ndjson'),
      admin: { enabled: true, socket: join(dir, 'admin.sock') },
    })
    expect(await readdir(config.policies)).toContain('mcp')
  })

  test.each(DEMO_USERS)('accept the token of $name', async (user) => {
    const demo = await demoIn(join(folder, 'settings'))
    const { issuers } = await configOf(demo.settings)
    const authenticate = createAuthenticate({
      issuers: issuers.map((issuer) => {
        const source = createFileKeySource({ path: issuer.jwks.file ?? '', now })
        return { issuer, keySet: createKeySet({ source, now }) }
      }),
      now,
      cacheSize: 10,
    })
    const token = await demo.issuer.issueToken(user, 3600, NOW)
    expect(await authenticate(`Bearer ${token.ok ? token.value : ''}`)).toEqual({
      ok: true,
      value: {
        type: 'user',
        id: user.name,
        properties: {
          issuer: 'urn:portcullis:demo',
          home: true,
          tenant: '',
          actors: [],
          client_id: 'portcullis-demo',
          roles: [user.name],
          scopes: [user.scope],
          claims: {},
        },
      },
    })
  })
})

test('an authorization server comes first, with the keys of the issuer beside it', async () => {
  const { settings } = await demoIn(join(folder, 'settings'))
  const { issuers } = await configOf(
    withAuthorizationServer(settings, 'http://127.0.0.1:3001', 'http://127.0.0.1:3000/mcp'),
  )
  const file = join(folder, 'settings/jwks.json')
  expect(issuers.map(({ issuer, audiences, jwks, home }) => ({ issuer, audiences, file: jwks.file, home }))).toEqual([
    { issuer: 'http://127.0.0.1:3001', audiences: ['http://127.0.0.1:3000/mcp'], file, home: true },
    { issuer: 'urn:portcullis:demo', audiences: ['urn:portcullis:demo:mcp'], file, home: true },
  ])
})

describe('the workspace of the demo', () => {
  const list = async (dir: string) =>
    (await readdir(dir, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(dir.length))
      .sort()

  test('has something for every role, and something for none', async () => {
    const { settings } = await demoIn(join(folder, 'fresh'))
    expect(await list(settings.workspace)).toEqual([
      '/docs/guide/start.md',
      '/docs/handbook.md',
      '/private/plans.txt',
      '/public/.env',
      '/public/a.txt',
      '/public/news.md',
      '/users/admin/notes.txt',
      '/users/readonly/notes.txt',
      '/users/user/drafts/letter.txt',
      '/users/user/notes.txt',
    ])
    expect((await stat(settings.workspace)).mode & 0o777).toBe(0o700)
  })

  test('keeps what the user changed', async () => {
    const dir = join(folder, 'kept')
    const { settings } = await demoIn(dir)
    await writeFile(join(settings.workspace, 'public/a.txt'), 'mine')
    await rm(join(settings.workspace, 'docs'), { recursive: true })
    await demoIn(dir)
    expect(await readFile(join(settings.workspace, 'public/a.txt'), 'utf8')).toBe('mine')
    expect(await list(settings.workspace)).not.toContain('/docs/handbook.md')
  })

  test('is one when many start at once', async () => {
    const dir = join(folder, 'raced')
    await Promise.all(Array.from({ length: 8 }, () => demoIn(dir)))
    expect((await readdir(dir)).sort()).toEqual(['issuer-key.json', 'jwks.json', 'workspace'])
  })
})
