import { resolve } from 'node:path'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { runOpa } from '../rego/opa.ts'
import { opaFaults } from '../rego/opa-errors.ts'

type Place = { readonly policyDir: string; readonly opa: string }

/** `opa fmt --list`: every file that is not formatted. */
export async function formatFaults({ policyDir, opa }: Place): Promise<readonly PolicyFault[]> {
  const run = await runOpa(opa, ['fmt', '--list', '.'], resolve(policyDir))
  if (run.code !== 0) return opaFaults(run, 'Correct the syntax')
  const files = run.stdout.split('\n').filter((line) => line.endsWith('.rego'))
  return files.map((file) => ({ file, message: 'is not formatted', remedy: 'Run `opa fmt --write`' }))
}

/** `opa check --strict`, types by the schemas and builtins by the capabilities. */
export async function checkFaults(
  place: Place & { readonly capabilities: string; readonly schemas: string },
): Promise<readonly PolicyFault[]> {
  const { capabilities, schemas } = place
  const args = [
    'check',
    '--strict',
    '--max-errors',
    '1000',
    '--format',
    'json',
    '--capabilities',
    resolve(capabilities),
    '--schema',
    resolve(schemas),
    '.',
  ]
  const run = await runOpa(place.opa, args, resolve(place.policyDir))
  return run.code === 0 ? [] : opaFaults(run, 'Correct the rule, or the attribute it names')
}
