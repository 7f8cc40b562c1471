import { rmSync } from 'node:fs'
import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { buildBundle } from '../../src/pap/bundle/build.ts'
import { BUILTIN_TOOLS } from '../../src/tools/builtin.ts'
import { CAPABILITIES, findOpa, POLICIES } from './package.ts'

const ISSUER = 'https://issuer.example'
const AUDIENCE = 'https://mcp.example/mcp'
/** What the measured calls read. */
export const CONTENT = 'A file of ordinary length for a tool to read. '.repeat(20)

export type Fixture = {
  readonly dir: string
  /** The default policy with limits that no bench reaches. */
  readonly bundle: string
  readonly token: (subject: string, role: string) => Promise<string>
  /** Writes a configuration file for a server; its port is chosen by the system. */
  readonly configure: (name: string, settings?: Readonly<Record<string, unknown>>) => Promise<string>
  readonly remove: () => void
}

/** Keys, tokens, a workspace and a policy for servers under load, in a folder of their own. */
export async function createFixture(): Promise<Fixture> {
  const dir = await mkdtemp(join(tmpdir(), 'portcullis-bench-'))
  const remove = () => rmSync(dir, { recursive: true, force: true })
  process.once('exit', remove)
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const jwks = join(dir, 'jwks.json')
  const key = { ...(await exportJWK(publicKey)), kid: 'bench', alg: 'ES256', use: 'sig' }
  await writeFile(jwks, JSON.stringify({ keys: [key] }))
  const workspace = join(dir, 'workspace')
  for (const folder of ['public', 'docs', 'private']) {
    await mkdir(join(workspace, folder), { recursive: true })
    await writeFile(join(workspace, folder, 'a.txt'), CONTENT)
  }
  const bundle = await buildWithoutLimits(dir)
  const bucket = { per_second: 1_000_000, burst: 1_000_000 }

  return {
    dir,
    bundle,
    token: (subject, role) =>
      new SignJWT({ roles: [role], scope: 'mcp:read mcp:write', client_id: 'bench' })
        .setProtectedHeader({ alg: 'ES256', kid: 'bench', typ: 'at+jwt' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(privateKey),
    configure: async (name, settings = {}) => {
      const file = join(dir, `${name}.json`)
      const config = {
        public_url: new URL(AUDIENCE).origin,
        listen: { port: 0 },
        issuers: [{ issuer: ISSUER, audiences: [AUDIENCE], jwks: { file: jwks }, home: true }],
        workspace,
        policies: bundle,
        // in a folder of its own: that of the bundle is watched
        log: { sink: 'file', path: join(dir, 'log', `${name}.ndjson`), max_files: 1 },
        limits: { per_address: bucket, per_subject: bucket },
        ...settings,
      }
      await writeFile(file, JSON.stringify(config))
      return file
    },
    remove,
  }
}

async function buildWithoutLimits(dir: string): Promise<string> {
  const policyDir = join(dir, 'policies')
  await cp(POLICIES, policyDir, { recursive: true })
  const plan = {
    per_minute: { limit: 1e9, burst: 1e9 },
    per_day: { limit: 1e9 },
    concurrent: { limit: 1e6, lease: 60 },
    max_bytes: 1e6,
  }
  const plans = { default: plan, reader: plan, standard: plan, unhurried: plan }
  await writeFile(join(policyDir, 'mcp/plans/data.yaml'), JSON.stringify(plans))
  const built = await buildBundle({
    policyDir,
    opa: await findOpa(),
    capabilities: CAPABILITIES,
    tools: BUILTIN_TOOLS.map(({ name }) => name),
    out: join(dir, 'bundle.tar.gz'),
  })
  if (!built.ok) throw new Error(JSON.stringify(built.error))
  return built.value.file
}
