import { LRUCache } from 'lru-cache'
import { sha256 } from '../lib/digest.ts'
import type { Result } from '../lib/result.ts'

/**
 * Remembers what verifying a token yielded, under the digest of the whole token. Several requests with one
 * token wait for one verification. Failures are not remembered; whether a remembered token still counts
 * is for the caller to ask at each hit.
 */
export type TokenCache<V, E> = {
  readonly get: (token: string) => V | undefined
  readonly verify: (token: string, verify: () => Promise<Result<V, E>>) => Promise<Result<V, E>>
  readonly forget: (token: string) => void
}

export function createTokenCache<V extends object, E>(options: { readonly max: number }): TokenCache<V, E> {
  const verified = new LRUCache<string, V>({ max: options.max })
  const running = new Map<string, Promise<Result<V, E>>>()

  return {
    get: (token) => verified.get(sha256(token)),
    forget: (token) => {
      verified.delete(sha256(token))
    },
    verify: (token, verify) => {
      const digest = sha256(token)
      const joined = running.get(digest)
      if (joined !== undefined) return joined
      const verification = verify()
        .then((result) => {
          if (result.ok) verified.set(digest, result.value)
          return result
        })
        .finally(() => running.delete(digest))
      running.set(digest, verification)
      return verification
    },
  }
}
