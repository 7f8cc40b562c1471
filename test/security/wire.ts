import { connect, type Socket } from 'node:net'

/** An HTTP answer as it came over the wire. */
export type Answer = {
  readonly status: number
  /** Lower-case names, without `date`, `connection` and `keep-alive`. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type HttpRequest = {
  readonly method?: string
  readonly target?: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: string | Uint8Array
}

/** The bytes of a request, with `Content-Length` unless a length or coding is given. */
export function toBytes({ method = 'POST', target = '/mcp', headers, body = '' }: HttpRequest): Buffer {
  const content = Buffer.from(body)
  const framed = headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name.trim()))
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(framed || content.length === 0 ? [] : [`Content-Length: ${content.length}`]),
  ]
  // one byte a character, so that a header can hold any byte
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), content])
}

export type Dialled = {
  readonly socket: Socket
  /** Everything received, once the server or the client has closed the connection. */
  readonly received: Promise<Buffer>
}

export function dial(port: number, localAddress = '127.0.0.1'): Promise<Dialled> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    const received = new Promise<Buffer>((closed) => {
      socket.on('data', (chunk) => chunks.push(chunk))
      // a reset is one of the ways in which a server closes
      socket.on('error', () => undefined)
      socket.once('close', () => closed(Buffer.concat(chunks)))
    })
    socket.once('connect', () => resolve({ socket, received }))
    socket.once('error', reject)
  })
}

/** Writes raw bytes and collects the answers until the server closes or `expected` answers are there. */
export async function converse(
  port: number,
  bytes: string | Uint8Array,
  options: { readonly expected?: number; readonly localAddress?: string } = {},
): Promise<{ readonly answers: readonly Answer[]; readonly received: Buffer }> {
  const { socket, received } = await dial(port, options.localAddress)
  const bodiless = /^HEAD /.test(Buffer.from(bytes).toString('latin1', 0, 5))
  let sofar = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    sofar = Buffer.concat([sofar, chunk])
    if (options.expected !== undefined && readAnswers(sofar, bodiless).answers.length >= options.expected)
      socket.destroy()
  })
  socket.write(bytes)
  const all = await received
  const { answers, rest } = readAnswers(all, bodiless, true)
  if (rest.length > 0) throw new Error(`more than answers came back: ${rest.toString('latin1')}`)
  return { answers, received: all }
}

function readAnswers(bytes: Buffer, bodiless: boolean, ended = false): { answers: readonly Answer[]; rest: Buffer } {
  const answers: Answer[] = []
  let rest = bytes
  for (;;) {
    const read = readAnswer(rest, bodiless, ended)
    if (read === undefined) return { answers, rest }
    // 100 Continue is no answer
    if (read.answer.status >= 200) answers.push(read.answer)
    rest = read.rest
  }
}

const LEFT_OUT = new Set(['date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding'])

function readAnswer(bytes: Buffer, bodiless: boolean, ended: boolean): { answer: Answer; rest: Buffer } | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const [start = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(start)?.[1])
  if (Number.isNaN(status)) return undefined
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const content = bytes.subarray(end + 4)
  const read = bodiless || status < 200 || status === 204 ? { body: '', used: 0 } : readBody(content, headers, ended)
  if (read === undefined) return undefined
  const kept = [...headers].filter(([name]) => !LEFT_OUT.has(name)).sort()
  const answer = { status, headers: Object.fromEntries(kept), body: read.body }
  return { answer, rest: content.subarray(read.used) }
}

function readBody(
  content: Buffer,
  headers: ReadonlyMap<string, string>,
  ended: boolean,
): { body: string; used: number } | undefined {
  const length = headers.get('content-length')
  if (length !== undefined) {
    if (content.length < Number(length)) return undefined
    return { body: content.toString('utf8', 0, Number(length)), used: Number(length) }
  }
  if (headers.get('transfer-encoding') === 'chunked') return readChunks(content)
  return ended ? { body: content.toString('utf8'), used: content.length } : undefined
}

function readChunks(content: Buffer): { body: string; used: number } | undefined {
  const parts: Buffer[] = []
  for (let at = 0; ; ) {
    const line = content.indexOf('\r\n', at)
    if (line === -1) return undefined
    const size = Number.parseInt(content.toString('latin1', at, line), 16)
    const next = line + 2 + size + 2
    if (content.length < next) return undefined
    parts.push(content.subarray(line + 2, line + 2 + size))
    if (size === 0) return { body: Buffer.concat(parts).toString('utf8'), used: next }
    at = next
  }
}
