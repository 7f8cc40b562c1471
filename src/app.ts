import type { Hono } from 'hono'
import { openAdminSocket, withAdministration } from './app/admin/entrances.ts'
import { createAdminWalks } from './app/admin/walks.ts'
import { httpOptions } from './app/edge.ts'
import { counts, gauges, labelledGauges, readinessOf, shadowDifferences, shadowGauges } from './app/health.ts'
import { createLimits } from './app/limits.ts'
import { type Environs, openParts } from './app/parts.ts'
import { createInOnePolicy } from './app/policy/one-policy.ts'
import { createShadowing } from './app/policy/shadow.ts'
import { createPorts } from './app/ports.ts'
import { createSettlement } from './app/settlement.ts'
import { createMetrics } from './audit/metrics.ts'
import { createRecorder } from './audit/recorder.ts'
import type { Config } from './config/load.ts'
import { ADMIN_ACTIONS } from './http/admin/actions.ts'
import { createHttpApp } from './http/app.ts'
import type { Environment } from './http/environment.ts'
import type { Readiness } from './http/operations.ts'
import { type Listening, listen as listenOn } from './http/server.ts'
import { ok, type Result } from './lib/result.ts'
import { METHODS } from './mcp/methods.ts'
import { createProtocol } from './mcp/protocol.ts'

export type Portcullis = {
  readonly http: Hono<Environment>
  /** Takes what the policy source offers now; what was in force stays in force when that fails. */
  readonly reload: () => Promise<void>
  readonly readiness: () => Promise<Readiness>
  /** Waits for running calls, for at most `limits.drain_ms`, then flushes the log. */
  readonly close: () => Promise<void>
}

const INSTRUCTIONS = 'Policy decides what is shown and run here. A refusal names its reason and a decision id.'

/**
 * The composition root: chooses every adapter and wires the ports of the walk; it decides nothing. What
 * cannot work is reported as a whole, each fault with what to do about it.
 */
export async function createPortcullis(
  config: Config,
  environs: Environs,
): Promise<Result<Portcullis, readonly string[]>> {
  const opened = await openParts(config, environs)
  if (!opened.ok) return opened
  const parts = opened.value
  const { logger } = environs
  const limits = createLimits(config)
  const readiness = () => readinessOf(parts, limits, config)
  const shadow = createShadowing(parts, config.shadow)
  const metrics = createMetrics(
    { ...gauges(parts, limits, config), ...shadowGauges(shadow) },
    { ...labelledGauges(parts), ...shadowDifferences(shadow) },
    counts(parts),
  )
  const recorder = createRecorder({ log: parts.log, metrics, methods: new Set([...METHODS.keys(), ...ADMIN_ACTIONS]) })
  const info = { name: config.name, version: environs.version, instructions: INSTRUCTIONS }
  const protocol = createProtocol(info, (error) => logger.debug({ error: error.message }, 'protocol'))
  // what a caller may see depends on the policy alone
  parts.pdp.onSwap(() => {
    for (const kind of ['tools', 'prompts', 'resources'] as const) protocol.changed({ kind })
  })
  const settlement = createSettlement(recorder, logger)
  const ports = createPorts({ parts, limits, recorder, protocol, settlement, config, logger })
  const inOnePolicy = createInOnePolicy(ports, parts.pdp, parts.rollout)
  const operations = { readiness, metrics: metrics.render }

  const options = httpOptions(config, ports, inOnePolicy, info, limits, operations, logger)
  const edge = { ...options, walk: shadow.beside(options.walk) }
  const walks = createAdminWalks({ ...parts, name: config.name, ports, inOnePolicy, shadow, recorder })

  const close = async () => {
    await Promise.all([settlement.drained(config.limits.drain_ms), parts.rollout.close()])
    await protocol.close()
    await parts.log.close()
    parts.root.close()
  }
  const socket = await openAdminSocket(config, edge, walks, logger)
  if (!socket.ok) {
    await close()
    return socket
  }
  parts.rollout.follow()
  return ok({
    http: createHttpApp(withAdministration(config, edge, limits, walks)),
    readiness,
    reload: parts.rollout.refresh,
    close: async () => {
      await socket.value?.close()
      await close()
    },
  })
}

/** Listens where the configuration says. */
export const listen = (http: Hono<Environment>, { listen: { host, port }, limits }: Config): Promise<Listening> =>
  listenOn(http, host, port, {
    headerBytes: limits.header_bytes,
    headersTimeoutMs: limits.headers_timeout_ms,
    requestTimeoutMs: limits.request_timeout_ms,
    idleTimeoutMs: limits.idle_timeout_ms,
    maxInFlight: limits.max_connections,
  })
