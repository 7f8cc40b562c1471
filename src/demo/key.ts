import { link, open, unlink } from 'node:fs/promises'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { errorCode } from '../lib/error-code.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { readPrivateFile } from './private-file.ts'

/** The private key of the demo issuer: made at the first start, the same ever after. */
export async function openKey(path: string, newId: () => string): Promise<Result<JWK, string>> {
  const found = await readKey(path)
  if (found !== undefined) return found
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  await publish(path, JSON.stringify(await exportJWK(privateKey)), newId())
  return (await readKey(path)) ?? err(`${path} has disappeared; start again`)
}

/** Writes a file whole or not at all. Of several processes at once the first wins, and all read what it wrote. */
async function publish(path: string, text: string, id: string): Promise<void> {
  const draft = `${path}.${id}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
    await link(draft, path)
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  } finally {
    await file.close()
    await unlink(draft)
  }
}

async function readKey(path: string): Promise<Result<JWK, string> | undefined> {
  const text = await readPrivateFile(path)
  if (text.ok && text.value === undefined) return undefined
  const jwk = text.ok ? parseKey(text.value ?? '') : undefined
  if (jwk !== undefined) return ok(jwk)
  const problem = text.ok ? 'is malformed' : text.error
  return err(`the key of the demo issuer ${problem}; remove ${path} and start again; tokens issued before end with it`)
}

function parseKey(text: string): JWK | undefined {
  try {
    const jwk: unknown = JSON.parse(text)
    return isPrivateKey(jwk) ? jwk : undefined
  } catch {
    return undefined
  }
}

const isPrivateKey = (jwk: unknown): jwk is JWK =>
  typeof jwk === 'object' &&
  jwk !== null &&
  ['kty', 'crv', 'x', 'y', 'd'].every((name) => typeof (jwk as Record<string, unknown>)[name] === 'string')
