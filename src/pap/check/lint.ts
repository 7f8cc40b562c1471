import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Finding } from '../../model/finding.ts'
import { runOpa } from '../rego/opa.ts'
import { opaFaults } from '../rego/opa-errors.ts'

/** Regal and the settings it takes unless the policy brings its own; they name files relative to `folder`. */
export type Lint = { readonly regal: string; readonly config: string; readonly folder: string }

type Violation = {
  readonly title: string
  readonly description: string
  readonly category: string
  readonly level: string
  readonly related_resources?: readonly { readonly ref: string }[]
  readonly location?: { readonly file?: string; readonly row?: number }
}

const OWN_SETTINGS = ['.regal/config.yaml', '.regal.yaml']

/** What Regal finds. Formatting is the business of `opa fmt`. */
export async function lintFindings(policyDir: string, { regal, config, folder }: Lint): Promise<readonly Finding[]> {
  const root = resolve(policyDir)
  const own = foldersAbove(root).find((above) => OWN_SETTINGS.some((name) => existsSync(join(above, name))))
  const settings = own === undefined ? ['--config-file', config] : []
  const run = await runOpa(regal, ['lint', '--format', 'json', ...settings, root], own ?? folder)
  const violations = violationsIn(run.stdout)
  if (violations === undefined) {
    const faults = opaFaults(run, 'Correct the settings of Regal, or use --no-lint')
    return faults.map((fault) => ({ ...fault, check: 'regal', level: 'error' as const }))
  }
  return violations
    .filter(({ title }) => title !== 'opa-fmt')
    .map(({ title, description, category, level, related_resources: [about] = [], location }) => ({
      check: `regal/${category}/${title}`,
      level: level === 'warning' ? 'warning' : 'error',
      ...(location?.file !== undefined && { file: relative(root, resolve(root, location.file)) }),
      ...(location?.row !== undefined && { line: location.row }),
      message: description,
      remedy: about === undefined ? 'Correct it' : `See ${about.ref}`,
    }))
}

const foldersAbove = (folder: string): readonly string[] =>
  dirname(folder) === folder ? [folder] : [folder, ...foldersAbove(dirname(folder))]

function violationsIn(text: string): readonly Violation[] | undefined {
  try {
    const { violations }: { violations?: readonly Violation[] } = JSON.parse(text)
    return violations
  } catch {
    return undefined
  }
}
