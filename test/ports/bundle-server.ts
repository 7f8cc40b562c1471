import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sha256 } from '../../src/lib/digest.ts'

export type BundleServer = {
  readonly url: string
  /** The headers of each request, as they came. */
  readonly requests: IncomingMessage['headers'][]
  /** Serves these bytes; `undefined` takes them away. */
  readonly put: (bytes: Uint8Array | undefined) => void
  /** Answers otherwise, until it is given `undefined`. */
  readonly answer: (answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined) => void
  readonly close: () => Promise<void>
}

/** A server of OPA's bundle protocol on loopback, or one of plain files, which does no long polling. */
export async function openBundleServer(kind: 'opa' | 'files'): Promise<BundleServer> {
  const requests: IncomingMessage['headers'][] = []
  const waiting = new Set<() => void>()
  let bundle: Uint8Array | undefined
  let special: ((request: IncomingMessage, response: ServerResponse) => void) | undefined

  function serve(request: IncomingMessage, response: ServerResponse): void {
    const type = kind === 'opa' ? 'application/vnd.openpolicyagent.bundles' : 'application/gzip'
    const etag = bundle === undefined ? '' : `"${sha256(bundle)}"`
    const isKnown = bundle !== undefined && request.headers['if-none-match'] === etag
    const answer = (status: number, body?: Uint8Array) =>
      response.writeHead(status, { 'content-type': type, ...(bundle !== undefined && { etag }) }).end(body)
    if (bundle === undefined) return void answer(404)
    if (!isKnown) return void answer(200, bundle)
    if (kind === 'files' || !/;wait=\d+$/.test(String(request.headers['prefer']))) return void answer(304)
    const again = () => {
      waiting.delete(again)
      serve(request, response)
    }
    waiting.add(again)
    response.once('close', () => waiting.delete(again))
  }

  const server = createServer((request, response) => {
    requests.push(request.headers)
    if (special === undefined) serve(request, response)
    else special(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/bundle.tar.gz`,
    requests,
    put: (bytes) => {
      bundle = bytes
      for (const again of [...waiting]) again()
    },
    answer: (answer) => {
      special = answer
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
