import { constants } from 'node:fs'
import { link, open, unlink } from 'node:fs/promises'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { err, ok, type Result } from '../lib/result.ts'
import { codeOf, openness } from './state.ts'

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
    if (codeOf(error) !== 'EEXIST') throw error
  } finally {
    await file.close()
    await unlink(draft)
  }
}

async function readKey(path: string): Promise<Result<JWK, string> | undefined> {
  const remedy = `remove ${path} and start again; tokens issued before end with it`
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const leak = openness(await file.stat())
      if (leak !== undefined) return err(`the key of the demo issuer ${leak}; ${remedy}`)
      const jwk: unknown = JSON.parse(await file.readFile('utf8'))
      return isPrivateKey(jwk) ? ok(jwk) : err(`the key of the demo issuer is malformed; ${remedy}`)
    } finally {
      await file.close()
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    const problem = error instanceof SyntaxError ? 'is malformed' : `cannot be read (${codeOf(error)})`
    return err(`the key of the demo issuer ${problem}; ${remedy}`)
  }
}

const isPrivateKey = (jwk: unknown): jwk is JWK =>
  typeof jwk === 'object' &&
  jwk !== null &&
  ['kty', 'crv', 'x', 'y', 'd'].every((name) => typeof (jwk as Record<string, unknown>)[name] === 'string')
