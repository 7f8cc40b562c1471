import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { Compile } from 'typebox/compile'
import { inputForMethod, inputForTool, sampleArguments } from '../app/inquiry/question.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { thrownText } from '../lib/thrown-text.ts'
import { PolicyInput } from '../model/input.ts'
import { isObject, type JsonObject } from '../model/json.ts'
import type { Subject } from '../model/subject.ts'
import type { PolicySource } from '../pap/activation/load.ts'
import { DEFAULT_POLICIES } from './package.ts'

/** A question to the policy, put together on the command line. */
export type QuestionFlags = {
  readonly policies: string
  readonly subject?: string
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly tool?: string
  readonly method?: string
  readonly arguments?: string
  readonly path?: string
}

const words = (text: string): readonly string[] => text.split(',').filter((word) => word !== '')

export const withQuestionOptions = (command: Command): Command =>
  command
    .option('--policies <path>', 'policy folder or bundle.tar.gz', DEFAULT_POLICIES)
    .option('--subject <id>', 'who calls')
    .option('--roles <names>', 'roles of the subject, separated by commas', words, [])
    .option('--scopes <names>', 'scopes of the token, separated by commas', words, ['mcp:write'])
    .option('--tool <name>', 'built-in tool that is called')
    .option('--arguments <json>', 'its arguments')
    .option('--path <path>', 'short for --arguments with this path, and samples of what else is required')
    .option('--method <name>', 'MCP method that is about the server itself, such as tools/list')

export const policySource = ({ policies }: QuestionFlags): PolicySource =>
  policies.endsWith('.tar.gz') ? { file: policies } : { dir: policies }

/** The question in a file, on standard input, or in flags; the error says what is wrong with it. */
export const readQuestion = (
  file: string | undefined,
  flags: QuestionFlags,
): Promise<Result<PolicyInput, string>> | Result<PolicyInput, string> =>
  file === undefined ? fromFlags(flags) : fromFile(file)

async function fromFile(file: string): Promise<Result<PolicyInput, string>> {
  try {
    const input: unknown = JSON.parse(await (file === '-' ? text(process.stdin) : readFile(file, 'utf8')))
    const validator = Compile(PolicyInput)
    if (validator.Check(input)) return ok(input)
    const faults = validator.Errors(input).map(({ instancePath, message }) => `  ${instancePath || '/'} ${message}`)
    return err([`${file} is not a policy input:`, ...faults].join('\n'))
  } catch (thrown) {
    return err(`${file} cannot be read as JSON: ${thrownText(thrown)}`)
  }
}

function fromFlags(flags: QuestionFlags): Result<PolicyInput, string> {
  const { subject, tool, method } = flags
  if (subject === undefined || (tool === undefined) === (method === undefined))
    return err('Name an input file, or --subject and either --tool or --method (--help shows examples)')
  const caller = subjectOf(subject, flags)
  if (tool === undefined) return inputForMethod(caller, method ?? '', new Date())
  const args = readArguments(tool, flags)
  if (args === undefined) return err('--arguments must be a JSON object')
  const { input, faults } = inputForTool(caller, tool, args, new Date())
  if (faults.length === 0) return ok(input)
  const lines = faults.map(({ pointer, expected }) => `  ${pointer || '/'} ${expected}`)
  return err([`The arguments do not fit ${tool}:`, ...lines].join('\n'))
}

function readArguments(tool: string, { arguments: text, path }: QuestionFlags): JsonObject | undefined {
  if (text === undefined) return path === undefined ? {} : sampleArguments(tool, { path })
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const subjectOf = (id: string, { roles, scopes }: QuestionFlags): Subject => ({
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
