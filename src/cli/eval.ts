import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { Command } from 'commander'
import { Compile } from 'typebox/compile'
import { BUILTIN_TOOL_NAMES, inputForTool } from '../app/inquiry.ts'
import { PolicyInput } from '../model/input.ts'
import type { JsonObject } from '../model/json.ts'
import type { Subject } from '../model/subject.ts'
import { loadPolicy, type PolicySource } from '../pap/activation/load.ts'
import { EXIT } from './exit-code.ts'
import { BUILD_CAPABILITIES, DEFAULT_POLICIES, findOpa } from './package.ts'
import { fail, failWithFaults } from './report.ts'

type Flags = {
  readonly policies: string
  readonly subject?: string
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly tool?: string
  readonly arguments?: string
  readonly path?: string
}

const words = (text: string): readonly string[] => text.split(',').filter((word) => word !== '')

export const evalCommand = (): Command =>
  new Command('eval')
    .description('Print the decision on one question; exit code 0 for a permit, 1 for anything else')
    .argument('[input]', 'file with a policy input as JSON, - for standard input; or ask by flags')
    .option('--policies <path>', 'policy folder or bundle.tar.gz', DEFAULT_POLICIES)
    .option('--subject <id>', 'who calls')
    .option('--roles <names>', 'roles of the subject, separated by commas', words, [])
    .option('--scopes <names>', 'scopes of the token, separated by commas', words, ['mcp:write'])
    .option('--tool <name>', 'built-in tool that is called')
    .option('--arguments <json>', 'its arguments')
    .option('--path <path>', 'short for --arguments with a path alone')
    .addHelpText(
      'after',
      `
Examples:
  portcullis eval --subject user --roles user --tool writeFile --arguments '{"path":"/users/user/x","content":""}'
  portcullis eval --subject alice --roles readonly --tool readFile --path /private/plan.txt
  portcullis eval input.json --policies ./bundle.tar.gz`,
    )
    .action(evaluate)

async function evaluate(file: string | undefined, flags: Flags): Promise<void> {
  const input = file === undefined ? fromFlags(flags) : await fromFile(file)
  if (input === undefined) return
  const source: PolicySource = flags.policies.endsWith('.tar.gz') ? { file: flags.policies } : { dir: flags.policies }
  const policy = await loadPolicy(source, {
    opa: findOpa,
    capabilities: BUILD_CAPABILITIES,
    tools: BUILTIN_TOOL_NAMES,
    now: () => performance.now(),
  })
  if (!policy.ok) return failWithFaults(`${flags.policies} cannot be used:`, policy.error)
  const decided = policy.value.decide(input)
  policy.value.close()
  process.stdout.write(`${JSON.stringify(decided, undefined, 2)}\n`)
  process.exitCode = decided.effect === 'permit' ? EXIT.ok : EXIT.finding
}

async function fromFile(file: string): Promise<PolicyInput | undefined> {
  try {
    const input: unknown = JSON.parse(await (file === '-' ? text(process.stdin) : readFile(file, 'utf8')))
    const validator = Compile(PolicyInput)
    if (validator.Check(input)) return input
    const faults = validator.Errors(input).map(({ instancePath, message }) => `  ${instancePath || '/'} ${message}`)
    return fail(EXIT.usage, [`${file} is not a policy input:`, ...faults].join('\n'))
  } catch (thrown) {
    return fail(EXIT.usage, `${file} cannot be read as JSON: ${thrown instanceof Error ? thrown.message : thrown}`)
  }
}

function fromFlags(flags: Flags): PolicyInput | undefined {
  if (flags.subject === undefined || flags.tool === undefined)
    return fail(EXIT.usage, 'Name an input file, or --subject and --tool (--help shows examples)')
  const args = readArguments(flags)
  if (args === undefined) return fail(EXIT.usage, '--arguments must be a JSON object')
  const { input, faults } = inputForTool(subjectOf(flags.subject, flags), flags.tool, args, new Date())
  if (faults.length === 0) return input
  const lines = faults.map(({ pointer, expected }) => `  ${pointer || '/'} ${expected}`)
  return fail(EXIT.usage, [`The arguments do not fit ${flags.tool}:`, ...lines].join('\n'))
}

function readArguments({ arguments: text, path }: Flags): JsonObject | undefined {
  if (text === undefined) return path === undefined ? {} : { path }
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}

const subjectOf = (id: string, { roles, scopes }: Flags): Subject => ({
  type: 'user',
  id,
  properties: {
    issuer: 'urn:portcullis:eval',
    home: true,
    tenant: '',
    client_id: '',
    roles: [...roles],
    scopes: [...scopes],
    claims: {},
  },
})
