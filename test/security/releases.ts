import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { readArchive, writeArchive } from '../../src/pap/bundle/archive.ts'
import { type BundleFiles, MANIFEST, SIGNATURES } from '../../src/pap/bundle/documents.ts'
import { signFiles } from '../../src/pap/bundle/sign.ts'
import { type Additions, policyBundle, rule } from '../http/policy.ts'
import { createPairs, type Pair } from '../unit/pap/bundle/key-pairs.ts'
import { withHeader } from './tars.ts'

const { es256: trusted, eddsa: other } = createPairs()
/** The key that the servers here are given. */
export const TRUSTED_PEM = trusted.publicPem
const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes)
const bytes = (content: string) => new TextEncoder().encode(content)

export type Changes = Readonly<Record<string, string | Uint8Array>>

/** What a policy publishes: bundles that differ in what their manifests and files say. */
export type Release = {
  readonly files: BundleFiles
  readonly packed: Uint8Array
}

/** The policy with a rule that closes reading to everyone. */
export const CLOSED: Additions = rule(
  'closed',
  'Nobody reads today',
  'deny_call contains _reason if input.resource.id == "readFile"\n',
)
/** And one that closes every tool, so that lists are empty. */
export const BLIND: Additions = rule(
  'blind',
  'Nobody sees a tool',
  'deny contains _reason if input.resource.type == "tool"\n',
)

export async function filesOf(additions: Additions = {}): Promise<BundleFiles> {
  const files = readArchive(gunzipSync(await readFile(await policyBundle(additions))))
  if (!files.ok) throw new Error(files.error)
  return files.value
}

/** Signed unless `by` is undefined; its revision is `r` and its version. */
export async function release(
  files: BundleFiles,
  version: number | undefined,
  { changes = {}, by = trusted }: { readonly changes?: Changes; readonly by?: Pair | undefined } = {},
): Promise<Release> {
  const manifest = JSON.parse(text(files.get(MANIFEST)))
  const { version: _, ...metadata } = manifest.metadata
  const stamped = {
    ...manifest,
    revision: `r${version ?? '-none'}`,
    metadata: { ...metadata, ...(version !== undefined && { version }) },
  }
  const changed = new Map([
    ...files,
    [MANIFEST, bytes(JSON.stringify(stamped))],
    ...Object.entries(changes).map(
      ([path, content]) => [path, typeof content === 'string' ? bytes(content) : content] as const,
    ),
  ])
  const signed = await signFiles(changed, { key: by.signing })
  return { files: signed, packed: writeArchive(signed) }
}

export type Hostile = {
  readonly name: string
  readonly packed: Uint8Array
  /** What the operator's log says of it. */
  readonly said: RegExp
}

/** What somebody between the policy team and the server can make of the release in force, and of one before it. */
export async function hostileReleases(files: BundleFiles, version: number): Promise<readonly Hostile[]> {
  const next = version + 1
  const good = await release(files, next)
  const plain = gunzipSync(good.packed)
  const withFile = (path: string, content: string | Uint8Array) =>
    writeArchive(new Map([...good.files, [path, typeof content === 'string' ? bytes(content) : content]]))
  const without = (path: string) => writeArchive(new Map([...good.files].filter(([name]) => name !== path)))
  const of = async (changes: Changes) => (await release(files, next, { changes })).packed
  const [widened, poisoned] = [JSON.parse(text(files.get('data.json'))), JSON.parse(text(files.get('data.json')))]
  widened.mcp.roles.readonly.tools = ['*']
  poisoned.mcp.roles.readonly.paths.read = [['..']]
  const [token = ''] = JSON.parse(text(good.files.get(SIGNATURES))).signatures
  const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`
  const smoke = { cases: [{ note: 'a stranger may not', input: {}, want: { effect: 'permit' } }] }

  // no two in a row of which the same is said: the log says what is wrong with a source once
  return [
    { name: 'an empty file', packed: new Uint8Array(), said: /no whole gzip archive/ },
    {
      name: 'a widened role',
      packed: withFile('data.json', JSON.stringify(widened)),
      said: /data\.json: is not what was/,
    },
    { name: 'half a bundle', packed: good.packed.subarray(0, good.packed.length >> 1), said: /no whole gzip archive/ },
    { name: 'no signature', packed: without(SIGNATURES), said: /the bundle is not signed/ },
    {
      name: 'the key of somebody else',
      packed: (await release(files, next, { by: other })).packed,
      said: /not a signature by any of the keys/,
    },
    { name: 'a release before', packed: (await release(files, version - 1)).packed, said: /was in force already/ },
    {
      name: 'the algorithm none',
      packed: withFile(SIGNATURES, JSON.stringify({ signatures: [none] })),
      said: /not a signature by any of the keys/,
    },
    { name: 'a release without version', packed: (await release(files, undefined)).packed, said: /has no version/ },
    { name: 'a bomb', packed: gzipSync(Buffer.alloc(65 * 2 ** 20)), said: /larger than 67108864 bytes once unpacked/ },
    { name: 'too much to read', packed: new Uint8Array(2 * 2 ** 20), said: /is larger than 1048576 bytes/ },
    { name: 'a way out', packed: escaping(plain, { path: '../../escaped' }), said: /leads elsewhere/ },
    {
      name: 'a link',
      packed: escaping(plain, { path: 'escaped', type: 'SymbolicLink', linkpath: '/etc' }),
      said: /is a SymbolicLink/,
    },
    { name: 'a signed module that is none', packed: await of({ 'policy.wasm': 'x' }), said: /cannot be started/ },
    {
      name: 'signed data that is poison',
      packed: await of({ 'data.json': JSON.stringify(poisoned) }),
      said: /mcp\/roles\/data\.yaml: /,
    },
    {
      name: 'a signed policy that is wrong',
      packed: await of({ 'smoke.json': JSON.stringify(smoke) }),
      said: /a stranger may not/,
    },
  ]
}

const escaping = (plain: Buffer, entry: Parameters<typeof withHeader>[1]): Uint8Array =>
  gzipSync(withHeader(plain, entry))

/** Puts a file in the place of another at once, as a deployment does. */
export async function replaceFile(file: string, content: Uint8Array): Promise<void> {
  const temporary = `${file}.next`
  await mkdir(dirname(file), { recursive: true })
  await writeFile(temporary, content)
  await rename(temporary, file)
}
