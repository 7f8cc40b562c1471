import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pino } from 'pino'
import { createPortcullis, listen, type Portcullis } from '../../src/app.ts'
import { type Config, formatFaults, loadConfig } from '../../src/config/load.ts'
import { policyBundle } from '../http/policy.ts'
import { capabilities, findOpa, root } from '../policy/tools.ts'
import { createSigner, type Signer, sign } from '../unit/pip/signing.ts'

export const ISSUER = 'https://issuer.example'
export const PUBLIC_URL = 'http://127.0.0.1:3000'
export const AUDIENCE = `${PUBLIC_URL}/mcp`

/** Content that must never leave the place it lies in. */
export const CANARY = 'CANARY-1f7d0c52'
/** Content of files that may be read, and must never be on the log. */
export const CONTENT = 'CONTENT-0b6e'

export type LogLine = Readonly<Record<string, unknown>> & {
  readonly kind: 'decision' | 'outcome'
  readonly decision_id: string
  readonly refusal?: string
}

export type RunningServer = {
  readonly port: number
  /** Where everything of this server lies: jwks.json, decisions.ndjson, srv/. */
  readonly dir: string
  /** The allowed root of the catalogue's words. */
  readonly workspace: string
  /** A directory beside it, with secret.txt. */
  readonly outside: string
  readonly signer: Signer
  readonly portcullis: Portcullis
  /** What the decision log holds by now. */
  readonly logText: () => string
  /** What the operator's log holds by now. */
  readonly operatorLog: () => string
  readonly smallStore: boolean
  readonly keyless: boolean
  readonly stop: () => Promise<void>
}

export type ServerOptions = {
  /** Settings over those of the tests. */
  readonly config?: object
  /** Issuers besides the one of the server's signer. */
  readonly issuers?: readonly object[]
  /** Another one, whose key set is a file. */
  readonly secondIssuer?: { readonly issuer: string; readonly key: object }
  /** Files of the policy tree over those of the default policy. */
  readonly policies?: Readonly<Record<string, string>>
  /** Files of the workspace besides public/ok.txt. */
  readonly files?: Readonly<Record<string, string>>
  /** Keys in the key set besides that of the server's signer. */
  readonly keys?: readonly object[]
  /** True: the limit store may be full, so the probe is always the same caller. */
  readonly smallStore?: boolean
  /** True: some issuer has no keys that can be read, so the server is never ready. */
  readonly keyless?: boolean
}

const NO_FLOOD = { per_second: 1_000_000, burst: 1_000_000 }

/** A layout of directories as the catalogue's set-up words say, with a server that listens on loopback. */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const dir = mkdtempSync(join(tmpdir(), 'portcullis-security-'))
  const workspace = join(dir, 'srv/a')
  const outside = join(dir, 'srv/out')
  const put = (path: string, content: string) => {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), content)
  }
  const files = { 'public/ok.txt': CONTENT, 'docs/ok.txt': CONTENT, 'private/k': CANARY, ...options.files }
  for (const [path, content] of Object.entries(files)) put(`srv/a/${path}`, content)
  put('srv/a-evil/x.txt', CANARY)
  put('srv/out/secret.txt', CANARY)

  const signer = await createSigner()
  put('jwks.json', JSON.stringify({ keys: [signer.jwk, ...(options.keys ?? [])] }))
  const second = options.secondIssuer
  if (second !== undefined) put('second.json', JSON.stringify({ keys: [second.key] }))
  const others =
    second === undefined ? [] : [{ ...issuerOf(join(dir, 'second.json')), issuer: second.issuer, home: false }]
  const settings = {
    public_url: PUBLIC_URL,
    listen: { port: 0 },
    issuers: [issuerOf(join(dir, 'jwks.json')), ...others, ...(options.issuers ?? [])],
    workspace,
    policies: options.policies === undefined ? await policyBundle({}) : policyTree(dir, options.policies),
    // an attack of many requests is to be read whole
    log: { sink: 'file', path: join(dir, 'decisions.ndjson'), unauthenticated_per_second: 1_000_000 },
    ...options.config,
    limits: { per_address: NO_FLOOD, per_subject: NO_FLOOD, ...(options.config as { limits?: object })?.limits },
  }
  const config = await configOf(dir, settings)
  let operatorLog = ''
  const sink = { write: (line: string) => (operatorLog += line) }
  const portcullis = await createPortcullis(config, {
    logger: pino({ level: 'debug' }, sink),
    opa: findOpa,
    capabilities,
    version: '0.0.0',
  })
  if (!portcullis.ok) {
    rmSync(dir, { recursive: true })
    throw new Error(portcullis.error.join('\n'))
  }
  const listening = await listen(portcullis.value.http, config)
  return {
    port: listening.port,
    dir,
    smallStore: options.smallStore ?? false,
    keyless: options.keyless ?? false,
    workspace,
    outside,
    signer,
    portcullis: portcullis.value,
    logText: () => readFileSync(join(dir, 'decisions.ndjson'), 'utf8'),
    operatorLog: () => operatorLog,
    stop: async () => {
      await listening.close(1000)
      await portcullis.value.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

export const issuerOf = (jwksFile: string) => ({
  issuer: ISSUER,
  audiences: [AUDIENCE],
  jwks: { file: jwksFile },
  home: true,
})

/** Loads settings as a file would be loaded. */
export async function configOf(dir: string, settings: object): Promise<Config> {
  const file = join(dir, 'portcullis.yaml')
  writeFileSync(file, JSON.stringify(settings))
  const config = await loadConfig({ file, env: {}, flags: {}, cwd: dir })
  if (!config.ok) throw new Error(formatFaults(config.error))
  return config.value
}

function policyTree(dir: string, changes: Readonly<Record<string, string>>): string {
  const tree = join(dir, 'policies')
  cpSync(join(root, 'policies'), tree, { recursive: true })
  for (const [path, content] of Object.entries(changes)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true })
    writeFileSync(join(tree, path), content)
  }
  return tree
}

export type Identity = {
  readonly sub: string
  readonly roles: unknown
  readonly scope?: string
}

export const HEADER = { alg: 'ES256', typ: 'at+jwt', kid: 'k1' }

/** The claims of a good token; `changes` makes it a bad one. */
export const claimsOf = ({ sub, roles, scope = 'mcp:write mcp:read' }: Identity) => {
  const now = Math.floor(Date.now() / 1000)
  return { iss: ISSUER, sub, aud: AUDIENCE, iat: now - 5, exp: now + 3600, roles, scope, client_id: 'attack' }
}

export const tokenFor = (signer: Signer, identity: Identity): Promise<string> =>
  sign(signer, HEADER, claimsOf(identity))
