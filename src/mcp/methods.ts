import type { Era } from '../model/call.ts'

type Method = {
  /** On which wires the method exists. */
  readonly eras: readonly Era[]
  /**
   * What a call of it is about. `unoffered`: the protocol knows the method, this server offers nothing
   * that it could ask for, and says so by capabilities that never change.
   */
  readonly target: 'server' | 'tools' | 'tool' | 'unoffered'
  /** The parameter that `Mcp-Name` mirrors on the modern wire (SEP-2243). */
  readonly named?: string
  /** The parameters that go on; any other is left behind, and refused on a `tools/call`. */
  readonly params: readonly string[]
}

const BOTH: readonly Era[] = ['legacy', 'modern']

/** Every request method of every served revision. One that is not here is not found, and never forwarded. */
export const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['initialize', { eras: ['legacy'], target: 'server', params: ['protocolVersion', 'capabilities', 'clientInfo'] }],
  ['ping', { eras: ['legacy'], target: 'server', params: [] }],
  ['server/discover', { eras: ['modern'], target: 'server', params: [] }],
  ['tools/list', { eras: BOTH, target: 'tools', params: ['cursor'] }],
  ['tools/call', { eras: BOTH, target: 'tool', named: 'name', params: ['name', 'arguments', 'task'] }],
  ['logging/setLevel', { eras: ['legacy'], target: 'unoffered', params: [] }],
  ['prompts/list', { eras: BOTH, target: 'unoffered', params: [] }],
  ['prompts/get', { eras: BOTH, target: 'unoffered', named: 'name', params: [] }],
  ['resources/list', { eras: BOTH, target: 'unoffered', params: [] }],
  ['resources/templates/list', { eras: BOTH, target: 'unoffered', params: [] }],
  ['resources/read', { eras: BOTH, target: 'unoffered', named: 'uri', params: [] }],
  ['resources/subscribe', { eras: ['legacy'], target: 'unoffered', params: [] }],
  ['resources/unsubscribe', { eras: ['legacy'], target: 'unoffered', params: [] }],
  ['completion/complete', { eras: BOTH, target: 'unoffered', params: [] }],
  ['subscriptions/listen', { eras: ['modern'], target: 'unoffered', params: [] }],
  ['tasks/get', { eras: BOTH, target: 'unoffered', named: 'taskId', params: [] }],
  ['tasks/update', { eras: ['modern'], target: 'unoffered', named: 'taskId', params: [] }],
  ['tasks/cancel', { eras: BOTH, target: 'unoffered', named: 'taskId', params: [] }],
  ['tasks/result', { eras: ['legacy'], target: 'unoffered', params: [] }],
  ['tasks/list', { eras: ['legacy'], target: 'unoffered', params: [] }],
])
