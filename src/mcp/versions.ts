/** MCP revisions served, newest first. */
export const MODERN_VERSIONS: readonly string[] = ['2026-07-28']
export const LEGACY_VERSIONS: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']
export const SUPPORTED_VERSIONS: readonly string[] = [...MODERN_VERSIONS, ...LEGACY_VERSIONS]

/** A legacy request without a version header counts as this one (2025-11-25, basic/transports). */
export const ASSUMED_LEGACY_VERSION = '2025-03-26'
