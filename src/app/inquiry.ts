import { v7 as uuidv7 } from 'uuid'
import { logChunks, unfinished } from '../audit/read.ts'
import { logFiles } from '../audit/sinks/file.ts'
import { MODERN_VERSIONS } from '../mcp/versions.ts'
import type { McpCall } from '../model/call.ts'
import type { Described } from '../model/described.ts'
import type { PolicyInput } from '../model/input.ts'
import type { JsonObject } from '../model/json.ts'
import type { Subject } from '../model/subject.ts'
import { policyInput } from '../pep/policy-input.ts'
import { createCatalogue } from '../pip/catalogue.ts'
import { BUILTIN_TOOLS } from '../tools/builtin.ts'
import { openWorkspaceRoot } from '../tools/workspace/root.ts'

/** What policy would be asked about a call of a built-in tool: for questions from the command line. */
export function inputForTool(
  subject: Subject,
  tool: string,
  args: JsonObject,
  now: Date,
): Described & { input: PolicyInput } {
  const call: McpCall = {
    era: 'modern',
    protocolVersion: MODERN_VERSIONS[0] ?? '',
    id: 0,
    method: 'tools/call',
    target: { type: 'tool', name: tool, arguments: args },
    params: {},
    mirrored: new Map(),
    bytes: 0,
  }
  const described = createCatalogue('portcullis', BUILTIN_TOOLS).describe(call)
  const question = { action: call.method, resource: described.resource }
  return { ...described, input: policyInput(subject, question, call, uuidv7(), now) }
}

/** Decisions of a log whose call never ended, over its rotated files. */
export const unfinishedCalls = (log: string, rotated: number) => unfinished(logChunks(logFiles(log, rotated)))

/** Why a folder cannot be a workspace here; `undefined` when it can. */
export function workspaceFault(directory: string): string | undefined {
  const root = openWorkspaceRoot(directory)
  if (!root.ok) return root.error
  root.value.close()
  return undefined
}

export const BUILTIN_TOOL_NAMES: readonly string[] = BUILTIN_TOOLS.map(({ name }) => name)
