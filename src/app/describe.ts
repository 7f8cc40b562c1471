import { bindingOf, type RequestStates } from '../mcp/request-state.ts'
import type { McpCall } from '../model/call.ts'
import type { Described } from '../model/described.ts'
import type { Subject } from '../model/subject.ts'

/** The catalogue's word on a call, and the state that came back with it: opened, or known to be foreign. */
export function createDescribe(describe: (call: McpCall) => Described, states: RequestStates) {
  return (call: McpCall, subject: Subject): Described => {
    const described = describe(call)
    const sealed = call.answers?.state
    if (sealed === undefined) return described
    const opened = states.open(bindingOf(subject, call, described.arguments), sealed)
    return opened.ok ? { ...described, state: opened.value } : { ...described, foreignState: true }
  }
}
