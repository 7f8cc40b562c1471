import type { Config } from '../../config/load.ts'
import { isLoopback } from '../../lib/loopback.ts'
import { createPublicFetch } from '../../pip/key-address.ts'
import { discoverKeys } from '../../pip/key-discovery.ts'
import { createReadDocument, fetchAnywhere } from '../../pip/key-fetch.ts'
import { createKeySet, type KeySet } from '../../pip/key-set.ts'
import {
  createDiscoveredKeySource,
  createFileKeySource,
  createUrlKeySource,
  type KeySource,
} from '../../pip/key-source.ts'

type Issuer = Config['issuers'][number]

export const openKeySet = (issuer: Issuer): KeySet => createKeySet({ source: sourceOf(issuer), now: Date.now })

function sourceOf({ issuer, jwks }: Issuer): KeySource {
  const { url, file, private_addresses } = jwks
  const common = { maxStale: jwks.max_stale * 1000, now: Date.now }
  if (file !== undefined) return createFileKeySource({ ...common, path: file })
  // who configures an address on this very machine means it
  const isNear = private_addresses || isLoopback(new URL(url ?? issuer).hostname)
  const readDocument = createReadDocument(isNear ? fetchAnywhere : createPublicFetch())
  if (url !== undefined) return createUrlKeySource({ ...common, url, readDocument })
  return createDiscoveredKeySource({ ...common, readDocument, discover: () => discoverKeys(issuer, readDocument) })
}
