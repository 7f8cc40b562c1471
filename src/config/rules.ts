import { stat } from 'node:fs/promises'
import { isIP } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import { isUrl } from '../lib/location.ts'
import { isLoopback, isSecure } from '../lib/loopback.ts'
import { DEMO_ISSUER } from '../model/demo-issuer.ts'
import { type Finding, finding } from './finding.ts'
import { policyDelivery, policyFiles } from './policy-rules.ts'
import type { Config, WrittenConfig } from './schema.ts'

type Rule = (config: WrittenConfig & Pick<Config, 'public_url'>, isDemo: boolean) => readonly (Finding | undefined)[]

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text

const publicUrl: Rule = ({ public_url, listen }) => {
  const members = ['public_url']
  if (!isOrigin(public_url)) {
    const remedy = isLoopback(listen.host) ? 'public_url: http://127.0.0.1:3000' : 'public_url: https://mcp.example.com'
    return [finding(members, 'expected the origin that clients use, without a path', `write ${remedy}`)]
  }
  if (isSecure(new URL(public_url))) return []
  return [finding(members, 'plain http carries tokens in the clear', 'write an https origin; TLS may end at a proxy')]
}

const listening: Rule = ({ listen, allowed_hosts }) => [
  !isLoopback(listen.host) && allowed_hosts.length === 0
    ? finding(
        ['allowed_hosts'],
        `expected the host names to serve, since ${listen.host} is reached from other machines`,
        'write allowed_hosts: ["mcp.example.com"], or listen on 127.0.0.1',
      )
    : undefined,
]

const lists: Rule = ({ trusted_proxies, allowed_origins }) => [
  ...trusted_proxies.map((range, index) =>
    isRange(range)
      ? undefined
      : finding(['trusted_proxies', String(index)], 'expected an address or CIDR range', 'write "10.0.0.0/8"'),
  ),
  ...allowed_origins.map((origin, index) =>
    isOrigin(origin)
      ? undefined
      : finding(['allowed_origins', String(index)], 'expected an origin', 'write "https://console.example.com"'),
  ),
]

function isRange(text: string): boolean {
  const [address = '', length, ...more] = text.split('/')
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  return bits > 0 && more.length === 0 && (length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= bits))
}

const issuers: Rule = ({ issuers: list }, isDemo) => {
  if (list.length === 0) {
    return [
      finding(
        ['issuers'],
        'expected at least one issuer',
        'write issuers: with issuer, audiences and jwks, or start with --demo',
      ),
    ]
  }
  const names = list.map(({ issuer }) => issuer)
  return list.flatMap(({ issuer, jwks, home }, index) => {
    const members = ['issuers', String(index)]
    return [
      names.indexOf(issuer) === index
        ? undefined
        : finding([...members, 'issuer'], 'this issuer stands here twice', 'join its audiences in one entry'),
      URL.canParse(issuer) && new URL(issuer).protocol === 'http:' && !isSecure(new URL(issuer))
        ? finding([...members, 'issuer'], 'a plain-http issuer can be impersonated', 'write its https URL')
        : undefined,
      issuer === DEMO_ISSUER && !isDemo
        ? finding([...members, 'issuer'], 'anybody can be anybody with the demo issuer', 'name your own issuer')
        : undefined,
      home && list.slice(0, index).some((other) => other.home && !isSameAuthority(other, { issuer, jwks }))
        ? finding([...members, 'home'], 'another issuer is home already', 'write home: false')
        : undefined,
      keySource(jwks, issuer, [...members, 'jwks']),
    ]
  })
}

type Jwks = WrittenConfig['issuers'][number]['jwks']
type Named = Pick<WrittenConfig['issuers'][number], 'issuer' | 'jwks'>

/** One authority under two names: whoever holds the keys can speak for both. */
const isSameAuthority = (one: Named, other: Named): boolean =>
  one.issuer !== other.issuer && isDeepStrictEqual(one.jwks, other.jwks)

function keySource({ url, file, discover }: Jwks, issuer: string, members: readonly string[]): Finding | undefined {
  if ([url, file, discover].filter((source) => source !== undefined).length !== 1) {
    return finding(
      members,
      'expected one of url, file and discover',
      'write jwks: { url: https://login.example.com/jwks }, or jwks: { discover: true }',
    )
  }
  if (discover && !(URL.canParse(issuer) && isSecure(new URL(issuer)))) {
    return finding([...members, 'discover'], 'there is no metadata at an issuer that is no https URL', 'write its url')
  }
  if (url === undefined || (URL.canParse(url) && isSecure(new URL(url)))) return undefined
  return finding(
    [...members, 'url'],
    'expected an https URL; plain http keys can be replaced on the way',
    'write its https URL',
  )
}

const metadata: Rule = ({ resource_metadata }) => [
  resource_metadata.scopes_supported.includes('offline_access')
    ? finding(
        ['resource_metadata', 'scopes_supported'],
        'offline_access is between a client and its authorization server, and no scope of this resource',
        'remove it',
      )
    : undefined,
]

const log: Rule = ({ log }) => [
  log.sink === 'file' && log.path === undefined
    ? finding(['log', 'path'], 'expected the file to write', 'write path: ./decisions.ndjson')
    : undefined,
]

const timeouts: Rule = ({ limits }) => [
  limits.headers_timeout_ms > limits.request_timeout_ms
    ? finding(
        ['limits', 'headers_timeout_ms'],
        'longer than request_timeout_ms, which includes it',
        `write headers_timeout_ms: ${limits.request_timeout_ms} or less`,
      )
    : undefined,
]

const RULES: readonly Rule[] = [publicUrl, listening, lists, issuers, metadata, policyDelivery, log, timeouts]

export const findContradictions: (...config: Parameters<Rule>) => readonly Finding[] = (config, isDemo) =>
  RULES.flatMap((rule) => rule(config, isDemo)).filter((found) => found !== undefined)

/** What the settings name on disk must be there, and be what they say. Paths are absolute here. */
export async function findMissingFiles(config: WrittenConfig): Promise<readonly Finding[]> {
  const { workspace, policies, policy, revocations, tools, issuers: list } = config
  // without the source the server starts with what it kept, or says itself why it cannot
  const isHere = policies === undefined || (!isUrl(policies) && policy.state === undefined)
  const files = [
    ...policyFiles(policy),
    { members: ['revocations'], path: revocations },
    ...tools.map((path, index) => ({ members: ['tools', String(index)], path })),
    ...list.map(({ jwks }, index) => ({ members: ['issuers', String(index), 'jwks', 'file'], path: jwks.file })),
  ]
  const findings = await Promise.all([
    mustBe(['workspace'], workspace, 'folder', 'write workspace: ./workspace and create it'),
    isHere
      ? mustBe(['policies'], policies, 'folder or bundle', 'write policies: ./policies, or the path of a bundle.tar.gz')
      : undefined,
    ...files.map(({ members, path }) =>
      path === undefined ? undefined : mustBe(members, path, 'file', 'name a file that exists'),
    ),
  ])
  return findings.filter((found) => found !== undefined)
}

type Kind = 'folder' | 'file' | 'folder or bundle'

async function mustBe(
  members: readonly string[],
  path: string | undefined,
  kind: Kind,
  remedy: string,
): Promise<Finding | undefined> {
  if (path === undefined) return finding(members, `expected a ${kind}`, remedy)
  const found = await stat(path).catch(() => undefined)
  const isRight =
    kind === 'folder'
      ? found?.isDirectory()
      : kind === 'file'
        ? found?.isFile()
        : found?.isDirectory() || (found?.isFile() && path.endsWith('.tar.gz'))
  return isRight ? undefined : finding(members, `${path} is not a ${kind}`, remedy)
}
