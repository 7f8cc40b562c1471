import { createHmac } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { CompactSign } from 'jose'
import { signFiles } from '../../../../src/pap/bundle/sign.ts'
import { signatureFaults, type Verification } from '../../../../src/pap/bundle/verify.ts'
import { createPairs, type Pair } from './key-pairs.ts'

const remedy = 'Sign what is to be used with `portcullis build --signing-key FILE`; do not use what is not'
const SIGNATURES = '.signatures.json'
const { es256, rs256, eddsa } = createPairs()
const bytes = (text: string) => new TextEncoder().encode(text)

const FILES = new Map([
  ['.manifest', bytes('{"roots":["mcp"]}')],
  ['data.json', bytes('{"mcp":{"a":[1,2]}}')],
  ['policy.wasm', bytes('wasm')],
])
const { key: es256Key } = es256.signing
const byEs256: Verification = { keys: es256.verification }
type Files = ReadonlyMap<string, Uint8Array>
const signed = await signFiles(FILES, { key: es256.signing })
const changed = (path: string, text: string): Files => new Map([...signed, [path, bytes(text)]])
const without = (path: string): Files => new Map([...signed].filter(([name]) => name !== path))
const tokenOf = (files: Files): string => JSON.parse(new TextDecoder().decode(files.get(SIGNATURES))).signatures[0]
const withToken = (...signatures: readonly string[]): Files => changed(SIGNATURES, JSON.stringify({ signatures }))

describe('what is verified', () => {
  const cases: readonly { name: string; files: Files | Promise<Files>; verification: Verification }[] = [
    { name: 'the files that were signed', files: signed, verification: byEs256 },
    {
      name: 'one key of several',
      files: signed,
      verification: { keys: [...rs256.verification, ...es256.verification] },
    },
    {
      name: 'data spelled otherwise',
      files: changed('data.json', '{ "mcp" : {"\\u0061":[1,2]} }'),
      verification: byEs256,
    },
    {
      name: 'the key that is named',
      files: signFiles(FILES, { key: rs256.signing, keyId: 'b' }),
      verification: { keys: named(es256, 'a').concat(named(rs256, 'b')) },
    },
    {
      name: 'a key without a name',
      files: signFiles(FILES, { key: eddsa.signing, keyId: 'b' }),
      verification: { keys: [...named(es256, 'a'), ...eddsa.verification] },
    },
    {
      name: 'the scope that is asked for',
      files: signFiles(FILES, { key: es256.signing, scope: 'prod' }),
      verification: { ...byEs256, scope: 'prod' },
    },
  ]
  test.each(cases)('$name', async ({ files, verification }) => {
    expect(await signatureFaults(await files, verification)).toEqual([])
  })
})

function named({ verification }: Pair, kid: string) {
  return verification.map((key) => ({ ...key, kid }))
}

async function signedPayload(payload: unknown, header: object = {}): Promise<Files> {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
  const token = await new CompactSign(bytes(text))
    .setProtectedHeader({ alg: 'ES256', ...header })
    .sign(es256Key, { crit: { exp: false } })
  return withToken(token)
}

function unsignedToken(alg: string, sign: (input: string) => string): string {
  const [, payload] = tokenOf(signed).split('.')
  const input = `${Buffer.from(JSON.stringify({ alg })).toString('base64url')}.${payload}`
  return `${input}.${sign(input)}`
}

describe('what is refused', () => {
  const NOT_OURS = 'is not a signature by any of the keys given'
  const NOT_ONE = 'holds not exactly one signature of the kind that OPA makes'
  const hmac = (input: string) => createHmac('sha256', es256.publicPem).update(input).digest('base64url')
  const [head, body] = tokenOf(signed).split('.')
  const { files: listed } = JSON.parse(Buffer.from(body ?? '', 'base64url').toString())
  const cases: readonly {
    name: string
    files: Files | Promise<Files>
    verification?: Verification
    file?: string
    message: string
  }[] = [
    { name: 'no signature', files: FILES, message: 'is missing: the bundle is not signed' },
    { name: 'no key', files: signed, verification: { keys: [] }, message: NOT_OURS },
    { name: 'another key', files: signed, verification: { keys: rs256.verification }, message: NOT_OURS },
    {
      name: 'a key of another name',
      files: signFiles(FILES, { key: es256.signing, keyId: 'b' }),
      verification: { keys: named(es256, 'a') },
      message: NOT_OURS,
    },
    { name: 'the algorithm none', files: withToken(unsignedToken('none', () => '')), message: NOT_OURS },
    { name: 'the public key as a secret', files: withToken(unsignedToken('HS256', hmac)), message: NOT_OURS },
    {
      name: 'a changed payload',
      files: withToken(`${head}.${body?.slice(0, -2)}AA.${tokenOf(signed).split('.')[2]}`),
      message: NOT_OURS,
    },
    { name: 'no token', files: withToken('x'), message: 'holds no JSON Web Token' },
    { name: 'no signatures', files: withToken(), message: NOT_ONE },
    { name: 'two signatures', files: withToken(tokenOf(signed), tokenOf(signed)), message: NOT_ONE },
    {
      name: 'a plugin',
      files: changed(SIGNATURES, JSON.stringify({ signatures: [tokenOf(signed)], plugin: 'x' })),
      message: NOT_ONE,
    },
    { name: 'what is no JSON', files: changed(SIGNATURES, '{'), message: 'not valid JSON' },
    {
      name: 'a scope that nobody asked for',
      files: signFiles(FILES, { key: es256.signing, scope: 'test' }),
      message: 'is for the scope "test", not ""',
    },
    {
      name: 'no scope',
      files: signed,
      verification: { ...byEs256, scope: 'prod' },
      message: 'is for the scope "", not "prod"',
    },
    { name: 'no files', files: signedPayload({}), message: 'does not say which files it is for' },
    {
      name: 'a payload of two meanings',
      files: signedPayload('{"files":[],"files":[]}'),
      message: 'says nothing that can be read: a key stands twice in one object',
    },
    {
      name: 'a file listed twice',
      files: signedPayload({ files: [...listed, listed[0]] }),
      message: 'names a file twice',
    },
    {
      name: 'a header that must be understood',
      files: signedPayload({ files: listed }, { crit: ['exp'], exp: 0 }),
      message: NOT_OURS,
    },
    {
      name: 'a file too many',
      files: changed('mcp/x.rego', 'package x'),
      file: 'mcp/x.rego',
      message: 'is not signed',
    },
    { name: 'a file too few', files: without('data.json'), file: 'data.json', message: 'is signed but not there' },
    {
      name: 'other data',
      files: changed('data.json', '{"mcp":{"a":[2,1]}}'),
      file: 'data.json',
      message: 'is not what was signed: its hash differs',
    },
    {
      name: 'another number of the same value',
      files: changed('data.json', '{"mcp":{"a":[1.0,2]}}'),
      file: 'data.json',
      message: 'is not what was signed: its hash differs',
    },
    {
      name: 'another module',
      files: changed('policy.wasm', 'wasn'),
      file: 'policy.wasm',
      message: 'is not what was signed: its hash differs',
    },
    {
      name: 'a hash that collides',
      files: signedPayload({
        files: listed
          .map((file: object) => ({ ...file, algorithm: 'MD5' }))
          .slice(0, 1)
          .concat(listed.slice(1)),
      }),
      file: '.manifest',
      message: 'its hash is "MD5", not one of SHA-224, SHA-256, SHA-384, SHA-512, SHA-512-224, SHA-512-256',
    },
  ]
  test.each(cases)('$name', async ({ files, verification = byEs256, file = SIGNATURES, message }) => {
    expect(await signatureFaults(await files, verification)).toEqual([{ file, message, remedy }])
  })
})
