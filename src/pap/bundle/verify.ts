import { compactVerify, decodeProtectedHeader } from 'jose'
import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { err, ok, type Result } from '../../lib/result.ts'
import { decodeUtf8, parseStrictJson } from '../../lib/strict-json.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { type BundleFiles, readObject, SIGNATURES } from './documents.ts'
import { fileHash } from './file-hash.ts'
import type { VerificationKey } from './keys.ts'

export type Verification = {
  readonly keys: readonly VerificationKey[]
  /** A signature made for another scope, or for any when none is named here, does not count. */
  readonly scope?: string
}

const signatureFile = Compile(
  Type.Object(
    {
      signatures: Type.Array(Type.String(), { minItems: 1, maxItems: 1 }),
      plugin: Type.Optional(Type.Enum(['', '_default'])),
    },
    { additionalProperties: false },
  ),
)

const Payload = Type.Object({
  files: Type.Array(Type.Object({ name: Type.String(), hash: Type.String(), algorithm: Type.String() })),
  scope: Type.Optional(Type.String()),
})
type Payload = Static<typeof Payload>
const payloads = Compile(Payload)

const REMEDY = 'Sign what is to be used with `portcullis build --signing-key FILE`; do not use what is not'

/** No faults: a key signed exactly these files, for this scope. */
export async function signatureFaults(
  files: BundleFiles,
  { keys, scope = '' }: Verification,
): Promise<readonly PolicyFault[]> {
  const token = tokenIn(files)
  if (!token.ok) return refused(token.error)
  const payload = await verifiedPayload(token.value, keys)
  if (!payload.ok) return refused(payload.error)
  const { scope: signedFor = '', files: listed } = payload.value
  if (signedFor !== scope) return refused(`is for the scope ${JSON.stringify(signedFor)}, not ${JSON.stringify(scope)}`)
  return listedFaults(files, listed)
}

function tokenIn(files: BundleFiles): Result<string, string> {
  const bytes = files.get(SIGNATURES)
  if (bytes === undefined) return err('is missing: the bundle is not signed')
  const document = readObject(SIGNATURES, bytes)
  if (!document.ok) return document
  if (!signatureFile.Check(document.value)) return err('holds not exactly one signature of the kind that OPA makes')
  const [token = ''] = document.value.signatures
  return ok(token)
}

async function verifiedPayload(token: string, keys: readonly VerificationKey[]): Promise<Result<Payload, string>> {
  const candidates = candidatesFor(token, keys)
  if (!candidates.ok) return candidates
  for (const { key, algorithms } of candidates.value) {
    try {
      const { payload } = await compactVerify(token, key, { algorithms: [...algorithms] })
      return payloadIn(payload)
    } catch {
      // Another key may be the one; which check failed helps only a forger.
    }
  }
  return err('is not a signature by any of the keys given')
}

/** The key that the signature names, if we know its name; else those that have none. */
function candidatesFor(token: string, keys: readonly VerificationKey[]): Result<readonly VerificationKey[], string> {
  try {
    const { kid } = decodeProtectedHeader(token)
    if (kid === undefined || kid === '') return ok(keys)
    const named = keys.filter((key) => key.kid === kid)
    return ok(named.length > 0 ? named : keys.filter((key) => key.kid === undefined))
  } catch {
    return err('holds no JSON Web Token')
  }
}

function payloadIn(bytes: Uint8Array): Result<Payload, string> {
  const text = decodeUtf8(bytes)
  const value = text.ok ? parseStrictJson(text.value) : text
  if (!value.ok) return err(`says nothing that can be read: ${value.error}`)
  return payloads.Check(value.value) ? ok(value.value) : err('does not say which files it is for')
}

function listedFaults(files: BundleFiles, listed: Payload['files']): readonly PolicyFault[] {
  const byName = new Map(listed.map((file) => [file.name, file]))
  if (byName.size < listed.length) return refused('names a file twice')
  const absent = [...byName.keys()].filter((name) => !files.has(name))
  const present = [...files].filter(([path]) => path !== SIGNATURES)
  return [
    ...absent.map((file) => ({ file, message: 'is signed but not there', remedy: REMEDY })),
    ...present.flatMap(([file, bytes]) => {
      const message = hashFault(file, bytes, byName.get(file))
      return message === undefined ? [] : [{ file, message, remedy: REMEDY }]
    }),
  ]
}

function hashFault(path: string, bytes: Uint8Array, listed: Payload['files'][number] | undefined): string | undefined {
  if (listed === undefined) return 'is not signed'
  const hash = fileHash(path, bytes, listed.algorithm)
  if (!hash.ok) return hash.error
  return hash.value === listed.hash.toLowerCase() ? undefined : 'is not what was signed: its hash differs'
}

const refused = (message: string): readonly PolicyFault[] => [{ file: SIGNATURES, message, remedy: REMEDY }]
