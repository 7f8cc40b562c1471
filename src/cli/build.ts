import { readFile } from 'node:fs/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import { BUILTIN_TOOL_NAMES } from '../app/inquiry/question.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { PolicyFault } from '../model/policy-fault.ts'
import { loadBundle } from '../pap/activation/load.ts'
import { type Packed, packBundle, writeBundle } from '../pap/bundle/build.ts'
import { readSigningKey } from '../pap/bundle/keys.ts'
import { readBundle } from '../pap/bundle/read.ts'
import type { Signing } from '../pap/bundle/sign.ts'
import { commitOf } from '../pap/git/commit.ts'
import { createCaseReader } from '../pap/test/case-files.ts'
import type { Case } from '../pap/test/cases.ts'
import { BUILD_CAPABILITIES, DEFAULT_POLICIES, findOpa } from './package.ts'
import { failWithFaults } from './report.ts'

type Flags = {
  readonly out: string
  readonly revision?: string
  readonly bundleVersion?: number
  readonly smoke?: string
  readonly signingKey?: string
  readonly signingKeyId?: string
  readonly signingScope?: string
}
type Faults = readonly PolicyFault[]

const EXAMPLES = `
Without a signature the same policy gives the same bytes wherever it is built; a signature by an RSA or Ed25519 key
does not change that, one by an EC key does. Any OPA verifies it, with --verification-key.

Examples:
  portcullis build
  portcullis build ./policies --out bundle.tar.gz --revision 2026-11-22
  portcullis build ./policies --bundle-version 42 --smoke cases/smoke.yaml
  portcullis build ./policies --signing-key signing.pem --signing-key-id 2026`

export const buildCommand = (): Command =>
  new Command('build')
    .description('Check a policy folder and compile it to a bundle that `serve --policies` takes')
    .argument('[folder]', 'root of the policy tree', DEFAULT_POLICIES)
    .option('--out <file>', 'where the bundle goes', 'bundle.tar.gz')
    .option('--revision <name>', 'name of this version; else the commit it is, unchanged, or a hash of its content')
    .addOption(
      new Option('--bundle-version <number>', 'grows with every release; servers refuse a lower one').argParser(
        toVersion,
      ),
    )
    .option('--smoke <file>', 'YAML cases, or a folder of them, that everyone who loads the bundle asks it first')
    .option('--signing-key <file>', 'private key in PEM; its type decides: ES256, RS256 or EdDSA')
    .option('--signing-key-id <name>', 'name of that key for those who verify')
    .option('--signing-scope <name>', 'what the bundle is for, if those who verify ask for it')
    .addHelpText('after', EXAMPLES)
    .action(build)

function toVersion(text: string): number {
  const version = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(version)) throw new InvalidArgumentError('Write a whole number from 0 on.')
  return version
}

async function build(policyDir: string, flags: Flags): Promise<void> {
  const [signing, smoke] = await Promise.all([signingIn(flags), smokeIn(flags)])
  if (!signing.ok || !smoke.ok) {
    return failWithFaults(
      `${policyDir} is not built:`,
      [signing, smoke].flatMap((part) => (part.ok ? [] : part.error)),
    )
  }
  const { out, bundleVersion } = flags
  const revision = flags.revision ?? (await commitOf(policyDir))
  const packed = await packBundle({
    policyDir,
    opa: await findOpa(),
    capabilities: BUILD_CAPABILITIES,
    tools: BUILTIN_TOOL_NAMES,
    ...(revision !== undefined && { revision }),
    ...(bundleVersion !== undefined && { version: bundleVersion }),
    ...(smoke.value !== undefined && { smoke: smoke.value }),
    ...(signing.value !== undefined && { signing: signing.value }),
  })
  const checked = packed.ok ? await tried(packed.value) : packed
  const built = checked.ok ? await writeBundle(checked.value, out) : checked
  if (!built.ok) return failWithFaults(`${policyDir} cannot be built:`, built.error)
  process.stdout.write(`${built.value.file}\nrevision ${built.value.revision}\nsha256 ${built.value.sha256}\n`)
}

/** What a server would refuse is not built. How long a decision takes is for the server to measure. */
async function tried(packed: Packed): Promise<Result<Packed, Faults>> {
  const bundle = await readBundle(packed.bytes)
  if (!bundle.ok) return bundle
  const policy = await loadBundle(bundle.value, { now: () => 0 })
  if (!policy.ok) return policy
  policy.value.close()
  return ok(packed)
}

async function signingIn({
  signingKey,
  signingKeyId,
  signingScope,
}: Flags): Promise<Result<Signing | undefined, Faults>> {
  if (signingKey === undefined) {
    if (signingKeyId === undefined && signingScope === undefined) return ok(undefined)
    const message = '--signing-key-id and --signing-scope say something of a signature, and there is none'
    return err([{ message, remedy: 'Add --signing-key FILE' }])
  }
  const text = await readFile(signingKey, 'utf8').catch(() => undefined)
  if (text === undefined) return err([{ file: signingKey, message: 'cannot be read', remedy: 'Name a key in PEM' }])
  const key = readSigningKey(text, signingKey)
  if (!key.ok) return key
  return ok({
    key: key.value,
    ...(signingKeyId !== undefined && { keyId: signingKeyId }),
    ...(signingScope !== undefined && { scope: signingScope }),
  })
}

async function smokeIn({ smoke }: Flags): Promise<Result<readonly Case[] | undefined, Faults>> {
  return smoke === undefined ? ok(undefined) : createCaseReader({ casesDir: smoke, root: process.cwd() }).read()
}
