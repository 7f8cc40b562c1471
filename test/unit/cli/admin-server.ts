import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'

export type Asked = { readonly line: string; readonly headers: IncomingMessage['headers']; readonly body: Buffer }
export type Canned = { readonly status: number; readonly body: unknown }

export type AdminServer = {
  readonly folder: string
  readonly socket: string
  readonly url: string
  readonly asked: Asked[]
  /** What is answered to a method and path. */
  readonly answers: Map<string, Canned>
  readonly close: () => Promise<void>
}

/** Stands for the administration of a server, on a socket and on a port. */
export async function openAdminServer(): Promise<AdminServer> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-admin-'))
  const socket = join(folder, 'admin.sock')
  const asked: Asked[] = []
  const answers = new Map<string, Canned>()
  const make = () =>
    createServer(async (request, response) => {
      const line = `${request.method} ${request.url}`
      asked.push({ line, headers: request.headers, body: await buffer(request) })
      const { status, body } = answers.get(line) ?? { status: 404, body: { error: 'not_found', message: 'Nothing' } }
      response.writeHead(status, { location: 'http://127.0.0.1:1/elsewhere' })
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  const [local, remote] = [make(), make()]
  await new Promise<void>((resolve) => local.listen(socket, resolve))
  await new Promise<void>((resolve) => remote.listen(0, '127.0.0.1', resolve))
  return {
    folder,
    socket,
    url: `http://127.0.0.1:${(remote.address() as AddressInfo).port}`,
    asked,
    answers,
    close: async () => {
      await Promise.all([local, remote].map((server) => new Promise((resolve) => server.close(resolve))))
      await rm(folder, { recursive: true })
    },
  }
}
