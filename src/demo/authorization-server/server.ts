import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'
import { createInteractions, INTERACTION, send } from './interaction.ts'
import { errorPage } from './pages.ts'
import { DEFAULT_SCOPE } from './scopes.ts'

const MAX_BODY_BYTES = 8192

export type LoopbackServer = {
  readonly port: number
  readonly serve: (handle: (req: IncomingMessage, res: ServerResponse) => void) => void
  readonly close: () => Promise<void>
}

/** Listens on loopback and nowhere else: the demo lets anybody be anybody. */
export function listenOnLoopback(port: number): Promise<LoopbackServer> {
  return new Promise((resolve, reject) => {
    let handle = (_req: IncomingMessage, res: ServerResponse): void => void res.writeHead(503).end()
    const server = createServer({ headersTimeout: 5000, requestTimeout: 10_000, maxHeaderSize: 16_384 }, (req, res) =>
      handle(req, res),
    )
    server.maxConnections = 100
    server.timeout = 30_000
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : port,
        serve: (given) => {
          handle = given
        },
        close: () => closeServer(server),
      })
    })
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/** The endpoints of `oidc-provider` and our pages, to those who ask for this server by its own name. */
export function createHandler(provider: Provider): (req: IncomingMessage, res: ServerResponse) => void {
  const { origin, host } = new URL(provider.issuer)
  const endpoints = provider.callback()
  const interactions = createInteractions(provider, readForm)
  return (req, res) => {
    const refusal = refuse(req, host, origin)
    if (refusal !== undefined) {
      res.writeHead(refusal, { connection: 'close', 'cache-control': 'no-store' }).end()
      return
    }
    res.setHeader('x-frame-options', 'DENY')
    res.setHeader('x-content-type-options', 'nosniff')
    const [, uid, form] = INTERACTION.exec(pathOf(req)) ?? []
    if (uid === undefined) {
      req.url = withDefaultScope(req.url ?? '/')
      endpoints(req, res)
      return
    }
    interactions({ req, res }, uid, form).catch(() => {
      if (!res.headersSent) send(res, 500, errorPage('Something went wrong.'))
    })
  }
}

/** Another `Host` is a rebinding attack; a form sent from another origin is a forged one. */
function refuse({ headers, method, url = '' }: IncomingMessage, host: string, origin: string): number | undefined {
  if (headers.host !== host) return 403
  if (method !== 'POST') return undefined
  if (url.startsWith('/interaction/') && headers.origin !== origin) return 403
  if (headers['content-length'] === undefined) return 411
  return Number(headers['content-length']) > MAX_BODY_BYTES ? 413 : undefined
}

const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?')[0] ?? '/'

function withDefaultScope(url: string): string {
  const [path, query] = url.split('?')
  if (path !== '/auth') return url
  const params = new URLSearchParams(query)
  if (params.get('scope')) return url
  params.set('scope', DEFAULT_SCOPE)
  return `/auth?${params}`
}

async function readForm(req: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
}
