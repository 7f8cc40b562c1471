import type { RefusalCode } from '../../../src/model/refusal.ts'
import type { Answer, Era, Sent, World } from '../world.ts'

export type Expected = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
  readonly cause?: string
}

export type Row = {
  readonly code: RefusalCode
  readonly when: string
  /** The wires on which it exists. */
  readonly eras: readonly Era[]
  /** Settings of a world of its own. */
  readonly settings?: object
  readonly send: (world: World, sent: Sent, era: Era) => Promise<Answer>
  readonly expected: (era: Era) => Expected
}

export const BOTH: readonly Era[] = ['legacy', 'modern']
/** Refused before anything of the message is read: the wire makes no difference. */
export const EITHER: readonly Era[] = ['legacy']

export const plain = (code: RefusalCode, message: string, status: number, headers: Record<string, string> = {}) => ({
  status,
  headers,
  body: { error: code, message },
})
export const READ = { method: 'tools/call', params: { name: 'readFile', arguments: { path: '/public/a.txt' } } }
export const METADATA = 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp'

/** A token of somebody with these roles. */
export const as = (world: World, ...roles: readonly string[]) => world.token({ sub: roles.join('-'), roles })
