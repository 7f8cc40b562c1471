import { describe, expect, test } from '@jest/globals'
import { err, ok } from '../../../src/lib/result.ts'
import { discoverKeys, metadataAddresses } from '../../../src/pip/key-discovery.ts'

const ISSUER = 'https://login.example/tenant'
const KEYS = 'https://keys.example/jwks'
const [OAUTH, INSERTED, APPENDED] = metadataAddresses(ISSUER) as [string, string, string]

const read = (answers: Readonly<Record<string, unknown>>) => async (url: string) => {
  const answer = answers[url]
  if (answer === undefined) return err(`${url} answered status 404`)
  return ok(typeof answer === 'string' ? answer : JSON.stringify(answer))
}
const metadata = (changes: object = {}) => ({ issuer: ISSUER, jwks_uri: KEYS, token_endpoint: 'x', ...changes })

test.each<{ issuer: string; addresses: readonly string[] }>([
  {
    issuer: 'https://login.example',
    addresses: [
      'https://login.example/.well-known/oauth-authorization-server',
      'https://login.example/.well-known/openid-configuration',
    ],
  },
  {
    issuer: 'https://login.example/tenant/v2.0',
    addresses: [
      'https://login.example/.well-known/oauth-authorization-server/tenant/v2.0',
      'https://login.example/.well-known/openid-configuration/tenant/v2.0',
      'https://login.example/tenant/v2.0/.well-known/openid-configuration',
    ],
  },
  {
    issuer: 'https://tenant.example/',
    addresses: [
      'https://tenant.example/.well-known/oauth-authorization-server',
      'https://tenant.example/.well-known/openid-configuration',
    ],
  },
])('the metadata of $issuer may lie at', ({ issuer, addresses }) => {
  expect(metadataAddresses(issuer)).toEqual(addresses)
})

describe('the keys', () => {
  test.each([OAUTH, INSERTED, APPENDED])('are found by way of %s', async (address) => {
    expect(await discoverKeys(ISSUER, read({ [address]: metadata() }))).toEqual(ok(KEYS))
  })

  test('are those of the first metadata that counts', async () => {
    const answers = {
      [OAUTH]: metadata({ issuer: 'https://other.example' }),
      [INSERTED]: metadata(),
      [APPENDED]: metadata({ jwks_uri: 'https://late.example' }),
    }
    expect(await discoverKeys(ISSUER, read(answers))).toEqual(ok(KEYS))
  })

  test('may lie beside an issuer on loopback', async () => {
    const issuer = 'http://127.0.0.1:9000'
    const at = `${issuer}/.well-known/oauth-authorization-server`
    const said = { issuer, jwks_uri: `${issuer}/jwks` }
    expect(await discoverKeys(issuer, read({ [at]: said }))).toEqual(ok(`${issuer}/jwks`))
  })
})

describe('metadata is refused', () => {
  test.each<{ name: string; answer: unknown; fault: string }>([
    { name: 'HTML', answer: '<html>', fault: 'answered no metadata' },
    { name: 'a list', answer: [], fault: 'answered no metadata' },
    { name: 'a member twice', answer: `{"issuer":"${ISSUER}","issuer":"x"}`, fault: 'answered no metadata' },
    {
      name: 'of another issuer',
      answer: metadata({ issuer: 'https://evil.example' }),
      fault: 'answered the metadata of another issuer',
    },
    {
      name: 'of an issuer spelled otherwise',
      answer: metadata({ issuer: `${ISSUER}/` }),
      fault: 'answered the metadata of another issuer',
    },
    { name: 'without issuer', answer: { jwks_uri: KEYS }, fault: 'answered the metadata of another issuer' },
    { name: 'without keys', answer: metadata({ jwks_uri: undefined }), fault: 'names no jwks_uri' },
    { name: 'with keys that are no address', answer: metadata({ jwks_uri: '/jwks' }), fault: 'names no jwks_uri' },
    {
      name: 'with keys over plain http',
      answer: metadata({ jwks_uri: 'http://keys.example/jwks' }),
      fault: 'names a jwks_uri that is not https',
    },
    {
      name: 'with keys in a file',
      answer: metadata({ jwks_uri: 'file:///etc/passwd' }),
      fault: 'names a jwks_uri that is not https',
    },
  ])('$name', async ({ answer, fault }) => {
    const found = await discoverKeys(ISSUER, read({ [OAUTH]: answer }))
    expect(found).toEqual(err(`${OAUTH} ${fault}; ${INSERTED} answered status 404; ${APPENDED} answered status 404`))
  })
})
