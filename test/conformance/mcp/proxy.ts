import { createServer, request, type Server } from 'node:http'

/** Adds an access token, which the suite has no option for, and forwards everything else as it came. */
export function openProxy(port: number, to: number, token: string): Promise<{ readonly close: () => void }> {
  const server: Server = createServer((asked, answer) => {
    const headers = { ...asked.headers, authorization: `Bearer ${token}` }
    const { method, url: path } = asked
    const onward = request({ host: '127.0.0.1', port: to, method, path, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.pipe(answer)
    })
    asked.pipe(onward)
    onward.on('error', () => answer.destroy())
    answer.on('close', () => onward.destroy())
  })
  return new Promise((done, fail) => {
    server.once('error', fail)
    server.listen(port, 'localhost', () => {
      done({
        close: () => {
          server.close()
          server.closeAllConnections()
        },
      })
    })
  })
}
