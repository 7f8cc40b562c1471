import { err, ok, type Result } from '../lib/result.ts'
import { watchFile } from '../lib/watched-file.ts'
import type { ReadDocument } from './key-fetch.ts'

/** Where a key set comes from, and how long in milliseconds what it said may be used. */
export type KeySource = {
  readonly read: () => Promise<Result<string, string>>
  /** Age at which it is read again beside the requests. */
  readonly refreshAfter: number
  /** Age at which requests wait for it to be read again. */
  readonly maxAge: number
  /** Age at which keys are no longer used, although reading fails. */
  readonly maxStale: number
  /** Least time between two readings. */
  readonly coolDown: number
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const MAX_BYTES = 262_144

const REMOTE = { refreshAfter: 5 * MINUTE, maxAge: 10 * MINUTE, coolDown: 30 * SECOND }

/** A JWKS at an address. */
export const createUrlKeySource = (options: {
  readonly url: string
  readonly readDocument: ReadDocument
  readonly maxStale: number
}): KeySource => ({ read: () => options.readDocument(options.url), maxStale: options.maxStale, ...REMOTE })

/**
 * A JWKS at the address that the metadata of an authorization server names. The address is asked for again when
 * there are no keys behind it, for servers move.
 */
export function createDiscoveredKeySource(options: {
  readonly discover: () => Promise<Result<string, string>>
  readonly readDocument: ReadDocument
  readonly maxStale: number
  readonly now: () => number
}): KeySource {
  const { discover, readDocument, maxStale, now } = options
  let found: { readonly url: string; readonly at: number } | undefined
  const read = async (): Promise<Result<string, string>> => {
    if (found === undefined || Math.abs(now() - found.at) >= 60 * MINUTE) {
      const url = await discover()
      if (!url.ok) return err(url.error)
      found = { url: url.value, at: now() }
    }
    const keys = await readDocument(found.url)
    if (!keys.ok) found = undefined
    return keys
  }
  return { read, maxStale, ...REMOTE }
}

/** Reads a JWKS from a file, and again within a second of its change. */
export function createFileKeySource(options: {
  readonly path: string
  readonly now: () => number
  readonly maxStale?: number
}): KeySource {
  const { maxStale = 60 * MINUTE } = options
  const file = watchFile({ ...options, maxBytes: MAX_BYTES, interval: 0 })
  const read = async () => {
    const content = await file()
    return content.ok ? ok(content.value.text) : content
  }
  return { read, refreshAfter: 0, maxAge: 0, maxStale, coolDown: SECOND }
}
