import type { Era } from '../model/call.ts'

type Method = {
  /** On which wires the method exists. */
  readonly eras: readonly Era[]
  /**
   * What a call of it is about. `unoffered`: the protocol knows the method, this server offers nothing
   * that it could ask for, and says so by capabilities that never change.
   */
  readonly target:
    | 'server'
    | 'tools'
    | 'prompts'
    | 'resources'
    | 'resource_templates'
    | 'tool'
    | 'prompt'
    | 'resource'
    | 'completion'
    | 'subscription'
    | 'unoffered'
  /** The parameter that `Mcp-Name` mirrors on the modern wire (SEP-2243). */
  readonly named?: string
  /** The parameters that go on; any other is left behind, and refused where something runs. */
  readonly params: readonly string[]
  /** True: may answer that it needs input, and be asked again with it (SEP-2322). */
  readonly asks?: true
}

const BOTH: readonly Era[] = ['legacy', 'modern']

/** Every request method of every served revision. One that is not here is not found, and never forwarded. */
export const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['initialize', { eras: ['legacy'], target: 'server', params: ['protocolVersion', 'capabilities', 'clientInfo'] }],
  ['ping', { eras: ['legacy'], target: 'server', params: [] }],
  ['server/discover', { eras: ['modern'], target: 'server', params: [] }],
  ['tools/list', { eras: BOTH, target: 'tools', params: ['cursor'] }],
  ['tools/call', { eras: BOTH, target: 'tool', named: 'name', params: ['name', 'arguments', 'task'], asks: true }],
  ['logging/setLevel', { eras: ['legacy'], target: 'server', params: ['level'] }],
  ['prompts/list', { eras: BOTH, target: 'prompts', params: ['cursor'] }],
  ['prompts/get', { eras: BOTH, target: 'prompt', named: 'name', params: ['name', 'arguments'], asks: true }],
  ['resources/list', { eras: BOTH, target: 'resources', params: ['cursor'] }],
  ['resources/templates/list', { eras: BOTH, target: 'resource_templates', params: ['cursor'] }],
  ['resources/read', { eras: BOTH, target: 'resource', named: 'uri', params: ['uri'], asks: true }],
  // without sessions there is nowhere to send an update to: what changes is told on subscriptions/listen
  ['resources/subscribe', { eras: ['legacy'], target: 'unoffered', params: [] }],
  ['resources/unsubscribe', { eras: ['legacy'], target: 'unoffered', params: [] }],
  ['completion/complete', { eras: BOTH, target: 'completion', params: ['ref', 'argument', 'context'] }],
  ['subscriptions/listen', { eras: ['modern'], target: 'subscription', params: ['notifications'] }],
  ['tasks/get', { eras: BOTH, target: 'unoffered', named: 'taskId', params: [] }],
  ['tasks/update', { eras: ['modern'], target: 'unoffered', named: 'taskId', params: [] }],
  ['tasks/cancel', { eras: BOTH, target: 'unoffered', named: 'taskId', params: [] }],
  ['tasks/result', { eras: ['legacy'], target: 'unoffered', params: [] }],
  ['tasks/list', { eras: ['legacy'], target: 'unoffered', params: [] }],
])
