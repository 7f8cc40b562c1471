import { CompactSign } from 'jose'
import { type BundleFiles, SIGNATURES } from './documents.ts'
import { fileHash, HASH_ALGORITHM } from './file-hash.ts'
import type { SigningKey } from './keys.ts'

export type Signing = {
  readonly key: SigningKey
  readonly keyId?: string
  /** What the bundle is for; who verifies names the same. */
  readonly scope?: string
}

const encoder = new TextEncoder()

/** The files with OPA's `.signatures.json` among them. No time in it: equal files give an equal token. */
export async function signFiles(files: BundleFiles, { key, keyId, scope }: Signing): Promise<BundleFiles> {
  const hashed = [...files.keys()].toSorted().map((name) => {
    const hash = fileHash(name, files.get(name) ?? new Uint8Array(), HASH_ALGORITHM)
    if (!hash.ok) throw new Error(`${name}: ${hash.error}`)
    return { name, hash: hash.value, algorithm: HASH_ALGORITHM }
  })
  // OPA once read the key's id from the payload, and falls back to it still.
  const payload = { files: hashed, ...(keyId !== undefined && { keyid: keyId }), ...(scope !== undefined && { scope }) }
  const header = { alg: key.algorithm, typ: 'JWT', ...(keyId !== undefined && { kid: keyId }) }
  const token = await new CompactSign(encoder.encode(JSON.stringify(payload))).setProtectedHeader(header).sign(key.key)
  return new Map([...files, [SIGNATURES, encoder.encode(JSON.stringify({ signatures: [token] }))]])
}
