import { afterAll, beforeAll } from '@jest/globals'
import { createScene, type Header, type Scene } from '../../security/scene.ts'
import { type RunningServer, type ServerOptions, startServer } from '../../security/server.ts'
import type { Answer } from '../../security/wire.ts'

export const METADATA_URL = 'http://127.0.0.1:3000/.well-known/oauth-protected-resource/mcp'

export type Gateway = {
  readonly server: () => RunningServer
  readonly scene: (sub: string, roles?: readonly string[], scope?: string) => Promise<Scene>
  readonly get: (target: string, headers?: readonly Header[]) => Promise<Answer>
}

/** A running server for the tests of one file, and callers of it. */
export function openGateway(options: ServerOptions = {}): Gateway {
  let running: RunningServer | undefined
  beforeAll(async () => {
    running = await startServer(options)
  }, 60_000)
  afterAll(() => running?.stop())
  const server = () => {
    if (running === undefined) throw new Error('the server did not start')
    return running
  }
  const scene: Gateway['scene'] = (sub, roles = ['readonly'], scope = 'mcp:read') =>
    createScene(server(), { sub, roles, scope })
  return {
    server,
    scene,
    get: async (target, headers = []) => {
      const { send } = await scene('nobody')
      const host: Header = headers.find(([name]) => name === 'Host') ?? ['Host', '127.0.0.1']
      const others = headers.filter(([name]) => name !== 'Host')
      return send({ method: 'GET', target, headers: [host, ['Connection', 'close'], ...others] }, 0)
    },
  }
}

/** The parameters of a challenge of the scheme Bearer. */
export function challengeOf({ headers }: Answer): Readonly<Record<string, string>> {
  const [, parameters = ''] = /^Bearer (.*)$/.exec(headers['www-authenticate'] ?? '') ?? []
  return Object.fromEntries(
    [...parameters.matchAll(/(\w+)="([^"\\]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  )
}
