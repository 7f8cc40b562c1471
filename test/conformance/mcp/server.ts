import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { pino } from 'pino'
import { createPortcullis, listen } from '../../../src/app.ts'
import { formatFaults, loadConfig } from '../../../src/config/load.ts'
import { openProxy } from './proxy.ts'

const ISSUER = 'https://issuer.example'

/** Portcullis with the default policy and the reference tools, behind a proxy that adds the token of an admin. */
export async function openServer() {
  const dir = await mkdtemp(join(tmpdir(), 'portcullis-conformance-'))
  const workspace = join(dir, 'workspace')
  await mkdir(workspace)
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const jwks = join(dir, 'jwks.json')
  const key = { ...(await exportJWK(publicKey)), kid: 'conformance', alg: 'ES256', use: 'sig' }
  await writeFile(jwks, JSON.stringify({ keys: [key] }))
  const [port, proxyPort] = [await freePort(), await freePort()]
  const url = `http://localhost:${proxyPort}`
  const audience = `${url}/mcp`
  const plenty = { per_second: 1_000_000, burst: 1_000_000 }

  const config = await loadConfig({
    env: {},
    flags: {},
    demo: {
      public_url: url,
      listen: { host: '127.0.0.1', port },
      issuers: [{ issuer: ISSUER, audiences: [audience], jwks: { file: jwks }, home: true }],
      workspace,
      policies: resolve('policies'),
      tools: ['./reference-tools.js', './reference-prompts.js'].map((file) =>
        fileURLToPath(new URL(file, import.meta.url)),
      ),
      log: { sink: 'file', path: join(dir, 'decisions.ndjson') },
      limits: { per_address: plenty, per_subject: plenty },
    },
    cwd: dir,
  })
  if (!config.ok) throw new Error(formatFaults(config.error))
  const portcullis = await createPortcullis(config.value, {
    logger: pino({ level: 'warn' }, pino.destination(2)),
    opa: findOpa,
    capabilities: resolve('scripts/policy/capabilities.build.json'),
    version: '0.0.0',
  })
  if (!portcullis.ok) throw new Error(portcullis.error.join('\n'))
  const listening = await listen(portcullis.value.http, config.value)
  const token = await new SignJWT({ roles: ['admin'], scope: 'mcp:write', client_id: 'conformance' })
    .setProtectedHeader({ alg: 'ES256', kid: 'conformance', typ: 'at+jwt' })
    .setIssuer(ISSUER)
    .setAudience(audience)
    .setSubject('conformance')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey)
  const proxy = await openProxy(proxyPort, port, token)
  return {
    url: audience,
    close: async () => {
      proxy.close()
      await listening.close(0)
      await portcullis.value.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** The script is plain JavaScript, out of sight of the type checker. */
async function findOpa(): Promise<string> {
  const script: string = pathToFileURL(resolve('scripts/toolchain.js')).href
  const { findTool }: { findTool: (name: 'opa') => Promise<string> } = await import(script)
  return findTool('opa')
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer().once('error', fail)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => done(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
