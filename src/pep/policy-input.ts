import { momentOf } from '../lib/moment.ts'
import type { McpCall } from '../model/call.ts'
import type { PolicyInput } from '../model/input.ts'
import type { Resource } from '../model/resource.ts'
import type { Subject } from '../model/subject.ts'

type Question = { readonly action: string; readonly resource: Resource }

/** The question as the policy sees it. Time is an argument: the same input gives the same decision again. */
export function policyInput(
  subject: Subject,
  { action, resource }: Question,
  call: Pick<McpCall, 'protocolVersion' | 'era' | 'bytes'>,
  requestId: string,
  now: Date,
): PolicyInput {
  return {
    subject,
    action: { name: action },
    resource,
    context: {
      ...momentOf(now),
      request_id: requestId,
      protocol_version: call.protocolVersion,
      era: call.era,
      bytes: call.bytes,
    },
  }
}
