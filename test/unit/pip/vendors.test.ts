import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { type Config, formatFaults, loadConfig } from '../../../src/config/load.ts'
import { err, ok } from '../../../src/lib/result.ts'
import type { Subject } from '../../../src/model/subject.ts'
import { createAuthenticate } from '../../../src/pip/authenticate.ts'
import { discoverKeys } from '../../../src/pip/key-discovery.ts'
import { createKeySet } from '../../../src/pip/key-set.ts'
import { createDiscoveredKeySource } from '../../../src/pip/key-source.ts'
import { createSigner, jwksOf, NOW, type Signer, sign } from './signing.ts'

/** Metadata and tokens of a vendor, as its documentation describes them. */
type Fixture = {
  readonly metadata: {
    readonly path: string
    readonly document: { readonly issuer: string; readonly jwks_uri: string }
  }
  readonly key: { readonly alg: string; readonly omit?: readonly string[]; readonly members: object }
  readonly tokens: readonly {
    readonly name: string
    readonly header: object
    readonly claims: object
    readonly subject?: Subject
    readonly cause?: string
  }[]
}

const HERE = new URL('./', import.meta.url)
const fixtureOf = async (vendor: string): Promise<Fixture> =>
  JSON.parse(await readFile(new URL(`fixtures/${vendor}.json`, HERE), 'utf8'))
const readme = await readFile(new URL('../../../README.md', HERE), 'utf8')

const dir = await mkdtemp(join(tmpdir(), 'portcullis-vendors-'))
afterAll(() => rm(dir, { recursive: true }))
await mkdir(join(dir, 'workspace'))
await mkdir(join(dir, 'policies'))

/** The configuration that the README shows. */
async function configOf(vendor: string): Promise<Config> {
  const [, block = ''] = new RegExp(`^\`\`\`yaml ${vendor}\\n(.*?)^\`\`\`$`, 'ms').exec(readme) ?? []
  const file = join(dir, `${vendor}.yaml`)
  await writeFile(file, `${block}workspace: ./workspace\npolicies: ./policies\n`)
  const config = await loadConfig({ file, env: {}, flags: {}, cwd: dir })
  if (!config.ok) throw new Error(formatFaults(config.error))
  return config.value
}

const rsa = await createSigner('RS256', 'key-1')

/** The vendor's servers: its metadata, its keys, and nothing else. */
function serverOf({ metadata, key }: Fixture, signer: Signer) {
  const jwk = Object.fromEntries(Object.entries(signer.jwk).filter(([name]) => !key.omit?.includes(name)))
  const encryption = { ...jwk, kid: 'for-encryption', use: 'enc', alg: 'RSA-OAEP' }
  const { issuer, jwks_uri } = metadata.document
  const documents = new Map([
    [`${new URL(issuer).origin}${metadata.path}`, JSON.stringify(metadata.document)],
    [jwks_uri, jwksOf({ ...jwk, ...key.members }, encryption)],
  ])
  return async (url: string) => {
    const document = documents.get(url)
    return document === undefined ? err(`${url} answered status 404`) : ok(document)
  }
}

const cases = await Promise.all(
  ['keycloak', 'entra', 'auth0', 'okta'].map(async (vendor) => {
    const fixture = await fixtureOf(vendor)
    const config = await configOf(vendor)
    const [issuer] = config.issuers
    if (issuer === undefined) throw new Error(`the README configures no issuer for ${vendor}`)
    const readDocument = serverOf(fixture, rsa)
    const source = createDiscoveredKeySource({
      discover: () => discoverKeys(issuer.issuer, readDocument),
      readDocument,
      maxStale: issuer.jwks.max_stale * 1000,
      now: () => NOW,
    })
    const keySet = createKeySet({ source, now: () => NOW })
    const authenticate = createAuthenticate({ issuers: [{ issuer, keySet }], now: () => NOW, cacheSize: 10 })
    return { vendor, fixture, issuer, authenticate }
  }),
)

describe.each(cases)('$vendor, configured as in the README', ({ fixture, issuer, authenticate }) => {
  test('is the issuer that its metadata names', () => {
    expect(issuer.issuer).toBe(fixture.metadata.document.issuer)
  })

  test.each(fixture.tokens)('$name', async ({ header, claims, subject, cause }) => {
    const token = await sign(rsa, { ...header, kid: 'key-1' }, claims)
    expect(await authenticate(`Bearer ${token}`)).toEqual(
      cause === undefined ? { ok: true, value: subject } : { ok: false, error: { code: 'token_invalid', cause } },
    )
  })
})

test('scopes are asked of Entra ID by their whole name', async () => {
  const { resource_metadata } = await configOf('entra')
  expect(resource_metadata.scope_prefix).toBe('api://6e74172b-be56-4843-9ff4-e66a39bb12e3/')
})
