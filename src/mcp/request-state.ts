import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto'
import { err, ok, type Result } from '../lib/result.ts'
import type { McpCall } from '../model/call.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { Subject } from '../model/subject.ts'

/** Whom and what a state is for: it opens for nobody and nothing else. */
export type StateBinding = {
  readonly principal: readonly string[]
  readonly method: string
  /** The name or URI, and the arguments decided on. */
  readonly request: Json
}

export type RequestStates = {
  readonly seal: (binding: StateBinding, state: Json) => string
  readonly open: (binding: StateBinding, sealed: string) => Result<Json, 'foreign'>
}

type Options = {
  /** 32 bytes. Another process opens what it sealed with the same one. */
  readonly key: Uint8Array
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

const ALGORITHM = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** As long as a person may take to answer. */
const LIFETIME_MS = 15 * 60_000

/**
 * State of a call that goes to its caller and comes back (2026-07-28, basic/patterns/mrtr): encrypted, and bound
 * to caller, method, arguments and time. Without memory of our own it can come back twice, but only to be decided
 * and limited again like any other call.
 */
export function createRequestStates({ key, now }: Options): RequestStates {
  return {
    seal: (binding, state) => {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(digestOf(binding))
      const text = JSON.stringify({ until: now() + LIFETIME_MS, state })
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')
    },
    open: (binding, sealed) => {
      const bytes = Buffer.from(sealed, 'base64url')
      // a lenient decoder would take other spellings of the same bytes
      if (bytes.length <= NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== sealed) return err('foreign')
      try {
        const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
          .setAAD(digestOf(binding))
          .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
        const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()])
        const { until, state } = JSON.parse(text.toString('utf8')) as { until: number; state: Json }
        return now() < until ? ok(state) : err('foreign')
      } catch {
        return err('foreign')
      }
    },
  }
}

const digestOf = ({ principal, method, request }: StateBinding): Buffer =>
  hash('sha256', JSON.stringify([principal, method, request]), 'buffer')

/** The caller, through the client it uses, and the call as it was decided. */
export const bindingOf = (
  { id, properties: { issuer, tenant, client_id } }: Subject,
  { method, target }: McpCall,
  args: JsonObject,
): StateBinding => ({
  principal: [issuer, tenant, id, client_id],
  method,
  request: ['name' in target ? target.name : '', args],
})
