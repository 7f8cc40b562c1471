import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { err, ok, type Result } from '../lib/result.ts'
import type { Target } from './admin-target.ts'

export type AdminRequest = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: { readonly type: string; readonly content: string | Uint8Array }
}
/** `body` is what the server said, in JSON. */
export type AdminAnswer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> }

const TIMEOUT_MS = 60_000
const MAX_ANSWER_BYTES = 16 * 1024 * 1024

/** Asks a running server, over its socket or its address. Redirects are not followed: they would take the token along. */
export function askServer(target: Target, { method, path, body }: AdminRequest): Promise<Result<AdminAnswer, string>> {
  const place = 'socket' in target ? target.socket : target.url.href
  const unreachable = (cause: unknown) =>
    err(`No server answers at ${place} (${cause}); start it with administration, or name another --socket or --url`)
  return new Promise((resolve) => {
    const headers = {
      ...(body !== undefined && { 'content-type': body.type, 'content-length': Buffer.byteLength(body.content) }),
      ...('token' in target && { authorization: `Bearer ${target.token}` }),
    }
    const address = 'socket' in target ? { socketPath: target.socket, host: 'localhost' } : addressOf(target.url)
    const request = 'url' in target && target.url.protocol === 'https:' ? requestHttps : requestHttp
    const sent = request({ ...address, method, path, headers, timeout: TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > MAX_ANSWER_BYTES) sent.destroy(new Error('the answer is too large'))
        else chunks.push(chunk)
      })
      response.on('error', (error) => resolve(unreachable(error.message)))
      response.on('end', () => {
        const json = jsonIn(Buffer.concat(chunks).toString('utf8'))
        const status = response.statusCode ?? 0
        resolve(json === undefined ? unreachable(`${status}, not the JSON of Portcullis`) : ok({ status, body: json }))
      })
    })
    sent.on('timeout', () => sent.destroy(new Error(`nothing within ${TIMEOUT_MS / 1000} s`)))
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(unreachable(error.code ?? error.message)))
    sent.end(body?.content)
  })
}

const addressOf = ({ hostname, port }: URL) => ({
  host: hostname.replace(/^\[|\]$/g, ''),
  ...(port !== '' && { port }),
})

function jsonIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined
  } catch {
    return undefined
  }
}
