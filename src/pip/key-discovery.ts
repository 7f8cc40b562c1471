import { err, ok, type Result } from '../lib/result.ts'
import { parseStrictJson } from '../lib/strict-json.ts'
import { isObject } from '../model/json.ts'
import type { ReadDocument } from './key-fetch.ts'

/**
 * Where the metadata of an authorization server may lie: RFC 8414, 3.1, then OpenID Connect Discovery, with the
 * well-known part before the path of the issuer and after it.
 */
export function metadataAddresses(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  return [
    ...new Set([
      `${origin}/.well-known/oauth-authorization-server${path}`,
      `${origin}/.well-known/openid-configuration${path}`,
      `${origin}${path}/.well-known/openid-configuration`,
    ]),
  ]
}

/** Asks all addresses at once, so that one that hangs costs no more than it alone; the first good answer counts. */
export async function discoverKeys(issuer: string, readDocument: ReadDocument): Promise<Result<string, string>> {
  const answers = await Promise.all(
    metadataAddresses(issuer).map(async (address) => {
      const text = await readDocument(address)
      return text.ok ? keysOf(text.value, issuer, address) : err(text.error)
    }),
  )
  const faults = answers.flatMap((answer) => (answer.ok ? [] : [answer.error]))
  return answers.find((answer) => answer.ok) ?? err(faults.join('; '))
}

function keysOf(text: string, issuer: string, address: string): Result<string, string> {
  const metadata = parseStrictJson(text, { depth: 8 })
  if (!metadata.ok || !isObject(metadata.value)) return err(`${address} answered no metadata`)
  // RFC 8414, 3.3: character by character, or another server speaks for this one.
  if (metadata.value['issuer'] !== issuer) return err(`${address} answered the metadata of another issuer`)
  const keys = metadata.value['jwks_uri']
  if (typeof keys !== 'string' || !URL.canParse(keys)) return err(`${address} names no jwks_uri`)
  const secure = new URL(keys).protocol === 'https:' || new URL(keys).origin === new URL(issuer).origin
  return secure ? ok(keys) : err(`${address} names a jwks_uri that is not https`)
}
