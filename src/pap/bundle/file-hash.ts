import { createHash } from 'node:crypto'
import { canonicalJson } from '../../lib/canonical-json.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { isDocument, readDocument } from './documents.ts'

/** OPA's names. MD5 and SHA-1, which OPA takes too, no longer tell two files apart. */
const ALGORITHMS = new Map([
  ['SHA-224', 'sha224'],
  ['SHA-256', 'sha256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
  ['SHA-512-224', 'sha512-224'],
  ['SHA-512-256', 'sha512-256'],
])

export const HASH_ALGORITHM = 'SHA-256'

/** The hash that a bundle's signature names for a file: of what a document says, else of its bytes. */
export function fileHash(path: string, bytes: Uint8Array, algorithm: string): Result<string, string> {
  const name = ALGORITHMS.get(algorithm)
  if (name === undefined) {
    return err(`its hash is ${JSON.stringify(algorithm)}, not one of ${[...ALGORITHMS.keys()].join(', ')}`)
  }
  const hash = createHash(name)
  if (!isDocument(path)) return ok(hash.update(bytes).digest('hex'))
  const document = readDocument(path, bytes)
  return document.ok ? ok(hash.update(canonicalJson(document.value.text)).digest('hex')) : document
}
