import type { Hono } from 'hono'
import { httpOptions } from './app/edge.ts'
import { gauges, readinessOf } from './app/health.ts'
import { createLimits } from './app/limits.ts'
import { type Environs, openParts } from './app/parts.ts'
import { createPorts } from './app/ports.ts'
import { createSettlement } from './app/settlement.ts'
import { createMetrics } from './audit/metrics.ts'
import { createRecorder } from './audit/recorder.ts'
import type { Config } from './config/load.ts'
import { createHttpApp } from './http/app.ts'
import type { Environment } from './http/environment.ts'
import type { Readiness } from './http/operations.ts'
import { type Listening, listen as listenOn } from './http/server.ts'
import { ok, type Result } from './lib/result.ts'
import { METHODS } from './mcp/methods.ts'
import { createProtocol } from './mcp/protocol.ts'

export type Portcullis = {
  readonly http: Hono<Environment>
  /** Compiles, checks and swaps the policy, one reload after the other; the old one stays in force when that fails. */
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
  let reloadFailure: string | undefined
  const readiness = () => readinessOf(parts, limits, config, reloadFailure)
  const metrics = createMetrics(gauges(parts, limits, config))
  const recorder = createRecorder({ log: parts.log, metrics, methods: new Set(METHODS.keys()) })
  const info = { name: config.name, version: environs.version, instructions: INSTRUCTIONS }
  const protocol = createProtocol(info, (error) => logger.debug({ error: error.message }, 'protocol'))
  const settlement = createSettlement(recorder, logger)
  const ports = createPorts({ parts, limits, recorder, protocol, settlement, config, logger })
  const operations = { readiness, metrics: metrics.render }

  let reloading = Promise.resolve()
  const reload = async () => {
    const loaded = await parts.load()
    reloadFailure = loaded.ok ? undefined : loaded.error.join('\n')
    if (loaded.ok) parts.pdp.swap(loaded.value)
    if (loaded.ok) logger.info(loaded.value.bundle, 'policy reloaded')
    else logger.error({ faults: loaded.error }, 'policy not reloaded; the one before stays in force')
  }

  return ok({
    http: createHttpApp(httpOptions(config, ports, info, limits, operations, logger)),
    readiness,
    reload: () => {
      reloading = reloading.then(reload)
      return reloading
    },
    close: async () => {
      await settlement.drained(config.limits.drain_ms)
      await protocol.close()
      await parts.log.close()
      parts.root.close()
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
