import type { AdapterFactory, AdapterPayload } from 'oidc-provider'
import type { Store } from './store.ts'

/** What `oidc-provider` keeps, kept in our store. `now` in milliseconds. */
export const createAdapter =
  (store: Store<AdapterPayload>, now: () => number): AdapterFactory =>
  (kind) => ({
    upsert: (id, payload, seconds) => store.set(kind, id, payload, seconds),
    find: async (id) => store.get(kind, id),
    findByUid: async (uid) => store.find(kind, (payload) => payload.uid === uid),
    // the device flow, which has user codes, is off
    findByUserCode: async () => undefined,
    consume: async (id) => {
      const payload = store.get(kind, id)
      if (payload === undefined) return
      const seconds = payload.exp === undefined ? undefined : payload.exp - now() / 1000
      await store.set(kind, id, { ...payload, consumed: Math.floor(now() / 1000) }, seconds)
    },
    destroy: (id) => store.remove(kind, id),
    revokeByGrantId: (grantId) => store.removeAll((payload) => payload.grantId === grantId),
  })
