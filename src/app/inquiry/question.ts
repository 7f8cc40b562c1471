import { v7 as uuidv7 } from 'uuid'
import { logChunks, unfinished } from '../../audit/read.ts'
import { logFiles } from '../../audit/sinks/file.ts'
import { closest } from '../../lib/closest.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { METHODS } from '../../mcp/methods.ts'
import type { Target } from '../../model/call.ts'
import type { Described } from '../../model/described.ts'
import type { PolicyInput } from '../../model/input.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Subject } from '../../model/subject.ts'
import { policyInput } from '../../pep/policy-input.ts'
import { createCatalogue } from '../../pip/catalogue.ts'
import { BUILTIN_TOOLS } from '../../tools/builtin.ts'
import { openWorkspaceRoot } from '../../tools/workspace/root.ts'
import { imaginedCall } from './call.ts'

type Question = Described & { readonly input: PolicyInput }

/** What policy would be asked about a call of a built-in tool: for questions from the command line. */
export const inputForTool = (subject: Subject, tool: string, args: JsonObject, now: Date): Question =>
  inputFor(subject, 'tools/call', { type: 'tool', name: tool, arguments: args }, now)

/** What policy would be asked about a method of the server itself. */
export function inputForMethod(subject: Subject, method: string, now: Date): Result<PolicyInput, string> {
  const known = METHODS.get(method)
  if (known === undefined && !method.startsWith('notifications/')) {
    const meant = closest(method, [...METHODS.keys()])
    return err(`${method} is no MCP method${meant === undefined ? '' : `; did you mean ${meant}?`}`)
  }
  if (known?.target === 'tool') return err(`${method} is about a tool: name it with --tool`)
  if (known?.named !== undefined) return err(`${method} is about one thing by name: describe it in an input file`)
  return ok(inputFor(subject, method, { type: 'server' }, now).input)
}

function inputFor(subject: Subject, method: string, target: Target, now: Date): Question {
  const call = imaginedCall(method, target)
  const described = createCatalogue('portcullis', BUILTIN_TOOLS).describe(call)
  const question = { action: call.method, resource: described.resource }
  return { ...described, input: policyInput(subject, question, call, uuidv7(), now) }
}

/** The arguments given, and some text for every other one that the tool requires. */
export function sampleArguments(tool: string, given: JsonObject): JsonObject {
  const input = BUILTIN_TOOLS.find(({ name }) => name === tool)?.input as RequiredMembers | undefined
  const texts = (input?.required ?? []).filter((name) => input?.properties?.[name]?.type === 'string')
  return { ...Object.fromEntries(texts.map((name) => [name, 'example'])), ...given }
}

type RequiredMembers = {
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, { readonly type?: unknown }>>
}

/** Decisions of a log whose call never ended, over its rotated files. */
export const unfinishedCalls = (log: string) => unfinished(logChunks(logFiles(log)))

/** Why a folder cannot be a workspace here; `undefined` when it can. */
export function workspaceFault(directory: string): string | undefined {
  const root = openWorkspaceRoot(directory)
  if (!root.ok) return root.error
  root.value.close()
  return undefined
}

export const BUILTIN_TOOL_NAMES: readonly string[] = BUILTIN_TOOLS.map(({ name }) => name)
