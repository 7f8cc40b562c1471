import { relative } from 'node:path'
import { Command, Option } from 'commander'
import { VOCABULARY } from '../app/inquiry/vocabulary.ts'
import { thrownText } from '../lib/thrown-text.ts'
import type { Finding } from '../model/finding.ts'
import { checkPolicy } from '../pap/check/check.ts'
import { EXIT } from './exit-code.ts'
import { codeQuality } from './format/code-quality.ts'
import { githubAnnotations } from './format/github.ts'
import { prettyFindings } from './format/pretty.ts'
import { sarifLog } from './format/sarif.ts'
import {
  DEFAULT_POLICIES,
  findOpa,
  findRegal,
  LINT_SETTINGS,
  MissingTool,
  PACKAGE_ROOT,
  POLICY_SCHEMAS,
  TEST_CAPABILITIES,
  VERSION,
} from './package.ts'
import { failWithFaults } from './report.ts'

const FORMATS = {
  pretty: prettyFindings,
  json: (findings: readonly Finding[]) => `${JSON.stringify({ findings }, undefined, 2)}\n`,
  github: githubAnnotations,
  gitlab: codeQuality,
  sarif: (findings: readonly Finding[], root: string) => sarifLog(findings, root, VERSION),
}

type Flags = { readonly format: keyof typeof FORMATS; readonly lint: boolean }

export const checkCommand = (): Command =>
  new Command('check')
    .description('Say what is wrong with a policy folder: syntax, types, format, lint, rules that cannot work, data')
    .argument('[folder]', 'root of the policy tree', DEFAULT_POLICIES)
    .addOption(new Option('--format <format>', 'how to say it').choices(Object.keys(FORMATS)).default('pretty'))
    .option('--no-lint', 'without Regal')
    .addHelpText(
      'after',
      `
Examples:
  portcullis check
  portcullis check ./policies --format sarif > check.sarif
  portcullis check ./policies --format github`,
    )
    .action(check)

async function check(policyDir: string, { format, lint }: Flags): Promise<void> {
  const tools = await findTools(lint)
  const found = await checkPolicy({
    policyDir,
    opa: tools.opa,
    capabilities: TEST_CAPABILITIES,
    schemas: POLICY_SCHEMAS,
    vocabulary: VOCABULARY,
    ...(tools.regal !== undefined && { lint: { regal: tools.regal, config: LINT_SETTINGS, folder: PACKAGE_ROOT } }),
  })
  if (!found.ok) return failWithFaults(`${policyDir} cannot be checked:`, found.error)
  if (!lint) process.stderr.write('Regal was not asked (--no-lint)\n')
  process.stdout.write(FORMATS[format](found.value, relative(process.cwd(), policyDir)))
  if (found.value.some(({ level }) => level === 'error')) process.exitCode = EXIT.finding
}

async function findTools(lint: boolean): Promise<{ opa: string; regal?: string }> {
  const opa = await findOpa()
  return lint ? { opa, regal: await findRegal().catch(orWithout) } : { opa }
}

function orWithout(thrown: unknown): never {
  throw new MissingTool(`${thrownText(thrown)}\nOr check without lint, by --no-lint.`)
}
