import { describe, expect, test } from '@jest/globals'
import type { Issuer } from '../../../src/pip/issuer.ts'
import { checkUse } from '../../../src/pip/token-use.ts'
import { CLAIMS, HEADER, issuerOf } from './signing.ts'

type Row = {
  readonly name: string
  readonly claims: object
  readonly typ?: string
  readonly issuer?: Partial<Issuer>
  readonly fault: string | undefined
}

const ROWS: readonly Row[] = [
  { name: 'an access token', claims: {}, fault: undefined },
  { name: 'an access token that calls itself so', claims: { token_use: 'access', typ: 'Bearer' }, fault: undefined },
  {
    name: 'a nonce in what is typed as access token',
    claims: { nonce: 'n' },
    typ: 'application/AT+JWT',
    fault: undefined,
  },

  { name: 'B-034 a nonce', claims: { nonce: 'n' }, fault: 'not_an_access_token' },
  { name: 'B-034 a nonce that is null', claims: { nonce: null }, fault: 'not_an_access_token' },
  { name: 'B-034 at_hash', claims: { at_hash: 'x' }, fault: 'not_an_access_token' },
  { name: 'B-034 c_hash', claims: { c_hash: 'x' }, fault: 'not_an_access_token' },
  { name: 'B-034 s_hash', claims: { s_hash: 'x' }, fault: 'not_an_access_token' },
  { name: 'B-034 at_hash in what is typed', claims: { at_hash: 'x' }, typ: 'at+jwt', fault: 'not_an_access_token' },
  { name: 'B-034 an ID token of Keycloak', claims: { typ: 'ID' }, fault: 'not_an_access_token' },
  { name: 'B-034 a refresh token of Keycloak', claims: { typ: 'Refresh' }, fault: 'not_an_access_token' },
  { name: 'B-034 an offline token of Keycloak', claims: { typ: 'Offline' }, fault: 'not_an_access_token' },
  { name: 'B-034 an ID token of Cognito', claims: { token_use: 'id' }, fault: 'not_an_access_token' },
  { name: 'B-034 a use that is no word', claims: { token_use: ['access'] }, fault: 'not_an_access_token' },
  { name: 'B-034 a logout token', claims: { events: {} }, fault: 'not_an_access_token' },

  { name: 'a key thumbprint', claims: { cnf: { jkt: 'x' } }, fault: 'bound_to_a_key' },
  { name: 'a certificate thumbprint', claims: { cnf: { 'x5t#S256': 'x' } }, fault: 'bound_to_a_key' },
  { name: 'a binding to nothing', claims: { cnf: {} }, fault: 'bound_to_a_key' },
  { name: 'a binding that is null', claims: { cnf: null }, fault: 'bound_to_a_key' },

  { name: 'one client by two names', claims: { client_id: 'a', azp: 'a' }, fault: undefined },
  { name: 'two clients', claims: { client_id: 'a', azp: 'b' }, fault: 'client_ambiguous' },

  { name: 'a required claim', claims: { azp: 'cli' }, issuer: { required_claims: ['azp'] }, fault: undefined },
  { name: 'a required claim missing', claims: {}, issuer: { required_claims: ['azp'] }, fault: 'claim_missing' },
  { name: 'an inherited name', claims: {}, issuer: { required_claims: ['toString'] }, fault: 'claim_missing' },
]

describe('what a token is for', () => {
  test.each(ROWS)('$name', ({ claims, typ = 'JWT', issuer, fault }) => {
    const token = { compact: '', header: { ...HEADER, typ }, claims: { ...CLAIMS, ...claims } }
    expect(checkUse(token, issuerOf(issuer))).toBe(fault)
  })
})
