import type { McpCall } from '../model/call.ts'
import { type CallerInput, type CallerLine, type Change, LOG_LEVELS, type LogLevel } from '../model/caller.ts'
import { metaOf } from './envelope.ts'
import type { Notify } from './protocol.ts'

/** What one call may send before its answer. A client that does not read would make us keep all of it. */
const BUDGET_BYTES = 256 * 1024

type Options = {
  readonly call: McpCall
  readonly input: CallerInput
  /** Least severity that the caller wants to read; undefined: none at all. */
  readonly threshold: LogLevel | undefined
  readonly notify: Notify
  readonly changed: (change: Change) => void
}

/** The way back to the caller of one call: what it asked for, and no more of it than it will read. */
export function lineFor({ call, input, threshold, notify, changed }: Options): CallerLine {
  const token = metaOf(call.params)?.['progressToken']
  const logger = call.target.type === 'tool' || call.target.type === 'prompt' ? call.target.name : undefined
  let reached = Number.NEGATIVE_INFINITY
  let budget = BUDGET_BYTES

  const send: Notify = (method, params) => {
    budget -= Buffer.byteLength(JSON.stringify(params))
    if (budget > 0) notify(method, params)
  }
  return {
    input,
    progress: (progress, total, message) => {
      // MCP: each is more than the one before
      if (token === undefined || !(progress > reached)) return
      reached = progress
      const more = { ...(total !== undefined && { total }), ...(message !== undefined && { message }) }
      send('notifications/progress', { progressToken: token, progress, ...more })
    },
    log: (level, data) => {
      if (threshold === undefined || LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(threshold)) return
      send('notifications/message', { level, data, ...(logger !== undefined && { logger }) })
    },
    changed,
  }
}
