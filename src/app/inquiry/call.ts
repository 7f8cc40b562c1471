import { MODERN_VERSIONS } from '../../mcp/versions.ts'
import type { McpCall, Target } from '../../model/call.ts'

/** A call that nobody sent: for questions about what would be decided. */
export const imaginedCall = (method: string, target: Target): McpCall => ({
  era: 'modern',
  protocolVersion: MODERN_VERSIONS[0] ?? '',
  id: 0,
  method,
  target,
  params: {},
  mirrored: new Map(),
  bytes: 0,
})
