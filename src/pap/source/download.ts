import { type Dispatcher, request } from 'undici'
import type { Timer } from '../../lib/deadline.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { type Offer, unreachable } from './source.ts'

export type DownloadOptions = {
  readonly url: URL
  readonly dispatcher: Dispatcher
  /** The bearer token, read anew for every request, so that it can be renewed. */
  readonly token: () => Promise<Result<string | undefined, string>>
  readonly maxBytes: number
  readonly timeoutMs: number
  readonly timer: Timer
}

export type Ask = {
  /** Of the bundle that is known already. */
  readonly etag?: string | undefined
  /** The server may keep the answer this long, until there is something new. */
  readonly waitSeconds?: number
}

export type Downloaded = {
  readonly offer: Offer
  readonly etag?: string | undefined
  /** The server says that it can wait with its answer. */
  readonly longPoll: boolean
}

const MAX_REDIRECTS = 3
/** The media type by which a server of OPA's bundle protocol shows that it does long polling. */
const BUNDLES = 'application/vnd.openpolicyagent.bundles'

/** Asks a server for its bundle, by OPA's bundle protocol; a server of plain files understands as much as it needs. */
export function createDownload(options: DownloadOptions): (ask: Ask, signal: AbortSignal) => Promise<Downloaded> {
  const { url, token, timeoutMs, timer } = options
  return async (ask, signal) => {
    const secret = await token()
    if (!secret.ok) return failed(secret.error, 'Provide the token that policy.token names')
    const late = new AbortController()
    const milliseconds = timeoutMs + (ask.waitSeconds ?? 0) * 1000
    const cancel = timer(() => late.abort(new Error(`no answer within ${milliseconds} ms`)), milliseconds)
    try {
      return await get(url, headersOf(ask, secret.value), options, AbortSignal.any([signal, late.signal]))
    } catch (thrown) {
      return failed(`cannot be asked: ${causeOf(thrown)}`, 'Make the policy source reachable')
    } finally {
      cancel()
    }
  }
}

function headersOf({ etag, waitSeconds }: Ask, token: string | undefined): Record<string, string> {
  return {
    // as OPA asks (download.go); delta bundles are not asked for, since they cannot be signed
    prefer: ['modes=snapshot', ...(waitSeconds === undefined ? [] : [`wait=${waitSeconds}`])].join(';'),
    accept: `${BUNDLES}, application/gzip, application/octet-stream`,
    ...(etag !== undefined && { 'if-none-match': etag }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  }
}

async function get(
  start: URL,
  headers: Record<string, string>,
  { dispatcher, maxBytes }: DownloadOptions,
  signal: AbortSignal,
): Promise<Downloaded> {
  let url = start
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    // no connection is kept: the next question comes in seconds or minutes, and a renewed certificate counts at once
    const response = await request(url, { dispatcher, headers, signal, reset: true, headersTimeout: 0, bodyTimeout: 0 })
    const next = redirectOf(response, url)
    if (next === undefined) return read(response, maxBytes)
    await response.body.dump({ limit: 0 }).catch(() => undefined)
    if (!next.ok) return failed(next.error, 'Configure the address that it redirects to, if it is to be trusted')
    url = next.value
  }
  return failed(`redirects more than ${MAX_REDIRECTS} times`, 'Configure the address that it ends at')
}

/** The token goes to the origin that it was configured for, and what decides comes from there. */
function redirectOf({ statusCode, headers }: Dispatcher.ResponseData, from: URL): Result<URL, string> | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode)) return undefined
  const location = single(headers['location']) ?? ''
  if (!URL.canParse(location, from.href)) return err('redirects to no address')
  const to = new URL(location, from)
  return to.origin === from.origin ? ok(to) : err(`redirects to another origin, ${to.origin}`)
}

async function read(response: Dispatcher.ResponseData, maxBytes: number): Promise<Downloaded> {
  const { statusCode, headers, body } = response
  const longPoll = single(headers['content-type']) === BUNDLES
  if (statusCode !== 200) {
    await body.dump({ limit: 0 }).catch(() => undefined)
    if (statusCode === 304) return { offer: { kind: 'unchanged' }, longPoll }
    return failed(`answered with status ${statusCode}`, REMEDIES[statusCode] ?? 'Look at the log of that server')
  }
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    // leaving the loop closes the connection: what is too large is not even received
    if (size > maxBytes) return tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return { offer: { kind: 'bundle', packed: Buffer.concat(chunks) }, etag: single(headers['etag']), longPoll }
}

const REMEDIES: Readonly<Record<number, string>> = {
  401: 'Give it policy.token, or policy.client_certificate',
  403: 'Let the holder of policy.token or policy.client_certificate read the bundle',
  404: 'Correct the address in policies',
}

const tooLarge = (maxBytes: number): Downloaded => ({
  offer: {
    kind: 'refused',
    faults: [
      { message: `the bundle is larger than ${maxBytes} bytes`, remedy: 'Raise policy.max_bytes if it has to be' },
    ],
  },
  longPoll: false,
})

const failed = (message: string, remedy: string): Downloaded => ({
  offer: unreachable(`the policy source ${message}`, remedy),
  longPoll: false,
})

const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)

/** Undici wraps what the system said, with a text of its own or none. */
function causeOf(thrown: unknown): string {
  const { code, message } = Object(thrown) as { readonly code?: unknown; readonly message?: unknown }
  return [code, message].filter((part) => typeof part === 'string' && part !== '').join(': ') || 'unknown cause'
}
