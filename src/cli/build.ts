import { Command } from 'commander'
import { BUILTIN_TOOL_NAMES } from '../app/inquiry.ts'
import { buildBundle } from '../pap/bundle/build.ts'
import { BUILD_CAPABILITIES, DEFAULT_POLICIES, findOpa } from './package.ts'
import { failWithFaults } from './report.ts'

type Flags = { readonly out: string; readonly revision?: string }

export const buildCommand = (): Command =>
  new Command('build')
    .description('Check a policy folder and compile it to a bundle that `serve --policies` takes')
    .argument('[folder]', 'root of the policy tree', DEFAULT_POLICIES)
    .option('--out <file>', 'where the bundle goes', 'bundle.tar.gz')
    .option('--revision <name>', 'name of this version; else a hash of its content')
    .addHelpText(
      'after',
      '\nExamples:\n  portcullis build\n  portcullis build ./policies --out bundle.tar.gz --revision 2026-11-22',
    )
    .action(build)

async function build(policyDir: string, { out, revision }: Flags): Promise<void> {
  const built = await buildBundle({
    policyDir,
    opa: await findOpa(),
    capabilities: BUILD_CAPABILITIES,
    tools: BUILTIN_TOOL_NAMES,
    ...(revision !== undefined && { revision }),
    out,
  })
  if (!built.ok) return failWithFaults(`${policyDir} cannot be built:`, built.error)
  process.stdout.write(`${built.value.file}\nrevision ${built.value.revision}\nsha256 ${built.value.sha256}\n`)
}
