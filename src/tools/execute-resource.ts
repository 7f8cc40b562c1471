import type { CallerLine } from '../model/caller.ts'
import type { ResourceContents } from '../model/content.ts'
import type { ResourceBody, ResourceDefinition, ResourceTemplate } from '../model/resource-definition.ts'
import { DEADLINE_MS, type Ended, runToEnd } from './run.ts'
import { CLOSED_WORKSPACE } from './workspace/confine.ts'

/** What is read: a URI in canonical form, and the template that it came from. */
export type ReadTarget = {
  readonly uri: string
  readonly from?: { readonly template: string; readonly variables: Readonly<Record<string, string>> }
}

export type ExecuteRead = (
  target: ReadTarget,
  caller: AbortSignal,
  line: CallerLine,
) => Promise<Ended<ResourceContents>>

type Readable = Pick<ResourceDefinition, 'mimeType' | 'read'>

/** Reads resources. They work on no files of the workspace. */
export function createResourceReader(
  resources: readonly ResourceDefinition[],
  templates: readonly ResourceTemplate[],
  deadlineMs = DEADLINE_MS,
): ExecuteRead {
  const byUri = new Map(resources.map((resource) => [resource.uri, resource]))
  const byTemplate = new Map(templates.map((template) => [template.uriTemplate, template]))

  const find = ({ uri, from }: ReadTarget): Readable | undefined => {
    if (from === undefined) return byUri.get(uri)
    const template = byTemplate.get(from.template)
    return template && { mimeType: template.mimeType, read: template.read.bind(template, from.variables) }
  }

  return async (target, caller, line) => {
    const readable = find(target)
    if (readable === undefined) throw new TypeError(`no resource is at ${target.uri}`)
    const end = await runToEnd({
      name: target.from?.template ?? target.uri,
      run: readable.read.bind(readable),
      isAnswer: isBody,
      asks: false,
      workspace: CLOSED_WORKSPACE,
      line,
      caller,
      deadlineMs,
    })
    return end.status === 'completed' ? { ...end, value: contentsOf(target.uri, readable.mimeType, end.value) } : end
  }
}

const isBody = (body: ResourceBody): boolean =>
  'text' in body ? typeof body.text === 'string' : body.bytes instanceof Uint8Array

function contentsOf(uri: string, mimeType: string, body: ResourceBody): ResourceContents {
  const shown = { uri, mimeType: body.mimeType ?? mimeType }
  return 'text' in body ? { ...shown, text: body.text } : { ...shown, blob: Buffer.from(body.bytes).toString('base64') }
}
