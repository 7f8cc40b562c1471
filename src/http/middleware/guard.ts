import type { RefusalAt } from '../../model/refusal.ts'
import type { Incoming } from '../incoming.ts'

/** Looks at a request before anything of it is trusted or read. `undefined` lets it pass. */
export type Guard = (incoming: Incoming, address: string) => RefusalAt<'guard'> | undefined

/** The first refusal of several guards. */
export const allOf =
  (...guards: readonly Guard[]): Guard =>
  (incoming, address) => {
    for (const guard of guards) {
      const refusal = guard(incoming, address)
      if (refusal !== undefined) return refusal
    }
    return undefined
  }
