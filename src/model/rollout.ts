import type { PolicyFault } from './policy-fault.ts'

/** Which bundle: its name, its bytes, and its place in the order of releases. */
export type BundleIdentity = {
  readonly revision: string
  readonly sha256: string
  /** `metadata.version` of the manifest; a lower one than was in force is a downgrade. */
  readonly version?: number
}

export type SourceStatus = {
  readonly kind: 'directory' | 'bundle' | 'url'
  readonly location: string
  /** `last_good`: the source is away or refused, and the bundle kept on disk is in force. */
  readonly state: 'current' | 'refused' | 'unreachable' | 'last_good'
  /** RFC 3339, of the last time that the source was asked. */
  readonly checked_at: string
  /** Since the source last confirmed what is in force. */
  readonly age_seconds: number
  /** Why what the source offers is not in force. */
  readonly faults: readonly PolicyFault[]
}

export type RolloutStatus = {
  readonly active: BundleIdentity & { readonly activated_at: string }
  readonly previous?: BundleIdentity
  readonly candidate?: BundleIdentity
  readonly source: SourceStatus
}
