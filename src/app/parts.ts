import type { Logger } from 'pino'
import { createDecisionLog, type DecisionLog } from '../audit/log.ts'
import { createFileSink } from '../audit/sinks/file.ts'
import type { RecordSink } from '../audit/sinks/sink.ts'
import { createStdoutSink } from '../audit/sinks/stdout.ts'
import type { Config } from '../config/load.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { thrownText } from '../lib/thrown-text.ts'
import type { Offer } from '../model/offer.ts'
import type { Tool } from '../model/tool.ts'
import type { FollowingRollout } from '../pap/activation/rollout.ts'
import type { Pdp } from '../pdp/active.ts'
import { type Authenticate, createAuthenticate } from '../pip/authenticate.ts'
import type { KeySet } from '../pip/key-set.ts'
import { createRevocations, type Revocations } from '../pip/revocation.ts'
import { BUILTIN_TOOLS } from '../tools/builtin.ts'
import { loadModules } from '../tools/load.ts'
import { openWorkspaceRoot, type WorkspaceRoot } from '../tools/workspace/root.ts'
import { monotonic } from './clocks.ts'
import { openKeySet } from './identity/key-set.ts'
import { openPolicy } from './policy/open.ts'

export type Environs = {
  readonly logger: Logger
  /** Finds the `opa` command; asked only for a policy given as a folder. */
  readonly opa: () => Promise<string>
  /** Capabilities that a policy given as a folder is compiled against. */
  readonly capabilities: string
  readonly version: string
}

const REMEMBERED_TOKENS = 10_000

export type Parts = {
  readonly pdp: Pdp
  readonly rollout: FollowingRollout
  readonly log: DecisionLog
  readonly authenticate: Authenticate
  readonly keySets: ReadonlyMap<string, KeySet>
  readonly revocations: Revocations | undefined
  readonly tools: readonly Tool[]
  readonly offer: Offer
  readonly root: WorkspaceRoot
}

/** Everything that reads files: each part is tried, so that one start reports all faults. */
export async function openParts(config: Config, environs: Environs): Promise<Result<Parts, readonly string[]>> {
  const loaded = await loadModules(config.tools, process.cwd())
  const tools = loaded.ok ? [...BUILTIN_TOOLS, ...loaded.value.tools] : BUILTIN_TOOLS
  const root = openWorkspaceRoot(config.workspace)
  const policy = await openPolicy(config, { ...environs, tools }, environs.logger)
  const revocations = await openRevocations(config)
  const sink = await openSink(config)
  if (!loaded.ok || !root.ok || !policy.ok || !revocations.ok || !sink.ok) {
    if (root.ok) root.value.close()
    if (policy.ok) await policy.value.rollout.close()
    if (sink.ok) await sink.value.close()
    const parts = [loaded, policy, revocations, sink].flatMap((part) => (part.ok ? [] : part.error))
    return err([...parts, ...(root.ok ? [] : [root.error])])
  }
  const keySets = new Map(config.issuers.map((issuer) => [issuer.issuer, openKeySet(issuer)]))
  await Promise.all([...keySets.values()].map((keySet) => keySet.current()))
  const issuers = config.issuers.flatMap((issuer) => {
    const keySet = keySets.get(issuer.issuer)
    return keySet === undefined ? [] : [{ issuer, keySet }]
  })
  const authenticate = createAuthenticate({
    issuers,
    ...(revocations.value !== undefined && { revocations: revocations.value }),
    now: Date.now,
    cacheSize: REMEMBERED_TOKENS,
  })
  const { mode, buffer, timeout_ms, unauthenticated_per_second } = config.log
  const log = createDecisionLog({
    sink: sink.value,
    mode,
    bufferSize: buffer,
    timeoutMs: timeout_ms,
    unauthenticatedPerSecond: unauthenticated_per_second,
    monotonic,
  })
  return ok({
    ...policy.value,
    log,
    authenticate,
    keySets,
    revocations: revocations.value,
    tools,
    offer: { ...loaded.value, tools },
    root: root.value,
  })
}

async function openRevocations(config: Config): Promise<Result<Revocations | undefined, readonly string[]>> {
  if (config.revocations === undefined) return ok(undefined)
  const revocations = await createRevocations({
    path: config.revocations,
    now: Date.now,
    maxStale: config.revocations_max_stale * 1000,
  })
  return revocations.ok ? revocations : err([`revocations: ${revocations.error}`])
}

async function openSink({ log }: Config): Promise<Result<RecordSink, readonly string[]>> {
  if (log.sink === 'stdout' || log.path === undefined) return ok(createStdoutSink())
  try {
    return ok(await createFileSink({ path: log.path, maxBytes: log.max_bytes, keep: log.max_files }))
  } catch (thrown) {
    return err([`log ${log.path}: cannot be opened (${thrownText(thrown)}); name a file that the server can create`])
  }
}
