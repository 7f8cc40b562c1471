import { expect, test } from '@jest/globals'
import { demoBanner } from '../../../src/cli/demo-banner.ts'
import { DEFAULT_POLICIES } from '../../../src/cli/package.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { demoDefaults } from '../../../src/demo/open.ts'

test('the banner of the demo says where it is and what to try', async () => {
  const settings = { ...demoDefaults('/state'), workspace: '/tmp', policies: DEFAULT_POLICIES, issuers: [] }
  const issuers = [{ issuer: 'https://i.example', audiences: ['a'], jwks: { url: 'https://i.example/jwks' } }]
  const config = await loadConfig({ env: {}, flags: { port: '4000' }, demo: { ...settings, issuers }, cwd: '/tmp' })
  if (!config.ok) throw new Error(JSON.stringify(config.error))
  const banner = demoBanner(config.value, 'http://127.0.0.1:4001')
  const url = 'http://127.0.0.1:4000/mcp'
  expect(banner).toContain(`\nPortcullis serves MCP at ${url}\n`)
  expect(banner).toContain('TOKEN=$(npx portcullis token readonly)')
  expect(banner).toContain('"arguments":{"path":"/public/a.txt"}')
  expect(banner).toContain(`claude mcp add --transport http portcullis ${url}\n`)
  expect(banner).toContain('http://127.0.0.1:4001 (no passwords')
  expect(banner).toContain('/state/decisions.ndjson')
  expect(banner).toContain('(edit a rule: it holds within seconds)')
})
