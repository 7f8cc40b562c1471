import type { Hono } from 'hono'
import type { Logger } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import { createDecisionLog, type DecisionLog } from './audit/log.ts'
import { createMetrics, type Gauges } from './audit/metrics.ts'
import { logChunks, unfinished } from './audit/read.ts'
import type { DecisionFacts } from './audit/record.ts'
import { createRecorder, type Recorder } from './audit/recorder.ts'
import { createFileSink, logFiles } from './audit/sinks/file.ts'
import type { RecordSink } from './audit/sinks/sink.ts'
import { createStdoutSink } from './audit/sinks/stdout.ts'
import type { Config } from './config/load.ts'
import { createHttpApp, type HttpOptions } from './http/app.ts'
import { createClientAddress } from './http/client-address.ts'
import type { Environment } from './http/environment.ts'
import { guardFlood } from './http/middleware/flood.ts'
import { guardHeaders } from './http/middleware/headers.ts'
import { guardHost } from './http/middleware/host.ts'
import { guardMedia } from './http/middleware/media.ts'
import { guardOrigin } from './http/middleware/origin.ts'
import { guardSize } from './http/middleware/size.ts'
import type { Operations, Readiness } from './http/operations.ts'
import { receive } from './http/receive.ts'
import { METADATA_PATH } from './http/resource-metadata.ts'
import { type Listening, listen as listenOn } from './http/server.ts'
import { sha256 } from './lib/digest.ts'
import { err, ok, type Result } from './lib/result.ts'
import { METHODS } from './mcp/methods.ts'
import { createPerform } from './mcp/perform.ts'
import { createProtocol, type Protocol, type ServerInfo } from './mcp/protocol.ts'
import { MODERN_VERSIONS } from './mcp/versions.ts'
import type { McpCall } from './model/call.ts'
import type { Described } from './model/described.ts'
import type { PolicyInput } from './model/input.ts'
import type { JsonObject } from './model/json.ts'
import type { Outcome } from './model/outcome.ts'
import { formatPolicyFault } from './model/policy-fault.ts'
import type { Refusal } from './model/refusal.ts'
import type { Subject } from './model/subject.ts'
import type { Tool } from './model/tool.ts'
import { loadPolicy } from './pap/load.ts'
import { createPdp, type Pdp } from './pdp/active.ts'
import { DECISION, type Policy } from './pdp/engine.ts'
import { policyInput } from './pep/policy-input.ts'
import type { Ports } from './pep/ports.ts'
import type { Permitted, Trail } from './pep/trail.ts'
import { refuseAtDoor, walk } from './pep/walk.ts'
import { type Authenticate, createAuthenticate } from './pip/authenticate.ts'
import { createCatalogue } from './pip/catalogue.ts'
import { createKeySet, type KeySet } from './pip/key-set.ts'
import { createFileKeySource, createUrlKeySource } from './pip/key-source.ts'
import { createRevocations, type Revocations } from './pip/revocation.ts'
import { addressKey, createFloodGuard, type FloodGuard } from './quota/flood.ts'
import { createMeter, type Meter } from './quota/meter.ts'
import { createMemoryStore } from './quota/stores/memory.ts'
import type { LimitStore } from './quota/stores/store.ts'
import { BUILTIN_TOOLS } from './tools/builtin.ts'
import { createExecutor } from './tools/execute.ts'
import { loadTools } from './tools/load.ts'
import { openWorkspaceRoot, type WorkspaceRoot } from './tools/workspace/root.ts'

export type Environs = {
  readonly logger: Logger
  /** Finds the `opa` command; asked only for a policy given as a folder. */
  readonly opa: () => Promise<string>
  /** Capabilities that a policy given as a folder is compiled against. */
  readonly capabilities: string
  readonly version: string
}

export type Portcullis = {
  readonly http: Hono<Environment>
  /** Compiles, checks and swaps the policy; the old one stays in force when that fails. */
  readonly reload: () => Promise<void>
  readonly readiness: () => Promise<Readiness>
  /** Waits for running calls, for at most `limits.drain_ms`, then flushes the log. */
  readonly close: () => Promise<void>
}

/** Addresses or subjects whose recent requests are remembered. */
const FLOOD_KEYS = 50_000
const REMEMBERED_TOKENS = 10_000
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
  const limits = createLimits(config)
  let reloadFailure: string | undefined
  const readiness = () => readinessOf(parts, limits, config, reloadFailure)
  const metrics = createMetrics(gauges(parts, limits, config))
  const recorder = createRecorder({ log: parts.log, metrics, methods: new Set(METHODS.keys()) })
  const info = { name: config.name, version: environs.version, instructions: INSTRUCTIONS }
  const protocol = createProtocol(info, (error) => environs.logger.debug({ error: error.message }, 'protocol'))
  const running = new Set<Promise<void>>()
  const ports = createPorts(parts, limits, recorder, protocol, running, config, environs.logger)
  const operations = { readiness, metrics: metrics.render }

  return ok({
    http: createHttpApp(httpOptions(config, ports, info, limits, operations, environs.logger)),
    readiness,
    reload: async () => {
      const loaded = await parts.load()
      reloadFailure = loaded.ok ? undefined : loaded.error.join('\n')
      if (loaded.ok) parts.pdp.swap(loaded.value)
      if (loaded.ok) environs.logger.info(loaded.value.bundle, 'policy reloaded')
      else environs.logger.error({ faults: loaded.error }, 'policy not reloaded; the one before stays in force')
    },
    close: async () => {
      await settledWithin([...running], config.limits.drain_ms)
      await protocol.close()
      await parts.log.close()
      parts.root.close()
    },
  })
}

/** What policy would be asked about a call of a built-in tool: for questions from the command line. */
export function inputForTool(
  subject: Subject,
  tool: string,
  args: JsonObject,
  now: Date,
): Described & { input: PolicyInput } {
  const call: McpCall = {
    era: 'modern',
    protocolVersion: MODERN_VERSIONS[0] ?? '',
    id: 0,
    method: 'tools/call',
    target: { type: 'tool', name: tool, arguments: args },
    params: {},
    mirrored: new Map(),
    bytes: 0,
  }
  const described = createCatalogue('portcullis', BUILTIN_TOOLS).describe(call)
  const question = { action: call.method, resource: described.resource }
  return { ...described, input: policyInput(subject, question, call, uuidv7(), now) }
}

/** Decisions of a log whose call never ended, over its rotated files. */
export const unfinishedCalls = (log: string, rotated: number) => unfinished(logChunks(logFiles(log, rotated)))

/** Why a folder cannot be a workspace here; `undefined` when it can. */
export function workspaceFault(directory: string): string | undefined {
  const root = openWorkspaceRoot(directory)
  if (!root.ok) return root.error
  root.value.close()
  return undefined
}

export const BUILTIN_TOOL_NAMES: readonly string[] = BUILTIN_TOOLS.map(({ name }) => name)

/** Listens where the configuration says. */
export const listen = (http: Hono<Environment>, { listen: { host, port }, limits }: Config): Promise<Listening> =>
  listenOn(http, host, port, {
    headerBytes: limits.header_bytes,
    headersTimeoutMs: limits.headers_timeout_ms,
    requestTimeoutMs: limits.request_timeout_ms,
    maxConnections: limits.max_connections,
  })

type Parts = {
  readonly pdp: Pdp
  readonly load: () => Promise<Result<Policy, readonly string[]>>
  readonly log: DecisionLog
  readonly authenticate: Authenticate
  readonly keySets: ReadonlyMap<string, KeySet>
  readonly revocations: Revocations | undefined
  readonly tools: readonly Tool[]
  readonly root: WorkspaceRoot
}

/** Everything that reads files: each part is tried, so that one start reports all faults. */
async function openParts(config: Config, environs: Environs): Promise<Result<Parts, readonly string[]>> {
  const loaded = await loadTools(config.tools, process.cwd())
  const tools = loaded.ok ? [...BUILTIN_TOOLS, ...loaded.value] : BUILTIN_TOOLS
  const load = () => openPolicy(config, environs, tools)
  const root = openWorkspaceRoot(config.workspace)
  const policy = await load()
  const revocations = await openRevocations(config)
  const sink = await openSink(config)
  if (!loaded.ok || !root.ok || !policy.ok || !revocations.ok || !sink.ok) {
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
  const { mode, buffer, timeout_ms } = config.log
  const log = createDecisionLog({ sink: sink.value, mode, bufferSize: buffer, timeoutMs: timeout_ms, monotonic })
  const pdp = createPdp(policy.value)
  return ok({ pdp, load, log, authenticate, keySets, revocations: revocations.value, tools, root: root.value })
}

async function openPolicy(
  config: Config,
  environs: Environs,
  tools: readonly Tool[],
): Promise<Result<Policy, readonly string[]>> {
  const source = config.policies.endsWith('.tar.gz') ? { file: config.policies } : { dir: config.policies }
  const policy = await loadPolicy(source, {
    opa: environs.opa,
    capabilities: environs.capabilities,
    tools: tools.map(({ name }) => name),
    now: monotonic,
    budgetMs: config.limits.decision_budget_ms,
  })
  return policy.ok ? policy : err(policy.error.map((fault) => `policy ${formatPolicyFault(fault)}`))
}

async function openRevocations(config: Config): Promise<Result<Revocations | undefined, readonly string[]>> {
  if (config.revocations === undefined) return ok(undefined)
  const revocations = await createRevocations({ path: config.revocations, now: Date.now })
  return revocations.ok ? revocations : err([`revocations: ${revocations.error}`])
}

async function openSink({ log }: Config): Promise<Result<RecordSink, readonly string[]>> {
  if (log.sink === 'stdout' || log.path === undefined) return ok(createStdoutSink())
  try {
    return ok(await createFileSink({ path: log.path, maxBytes: log.max_bytes, keep: log.max_files }))
  } catch (thrown) {
    const cause = thrown instanceof Error ? thrown.message : String(thrown)
    return err([`log ${log.path}: cannot be opened (${cause}); name a file that the server can create`])
  }
}

function openKeySet({ jwks }: Config['issuers'][number]): KeySet {
  const source =
    jwks.file === undefined
      ? createUrlKeySource({ url: jwks.url ?? '', fetch })
      : createFileKeySource({ path: jwks.file, now: Date.now })
  return createKeySet({ source, now: Date.now })
}

type Limits = {
  readonly store: LimitStore
  readonly meter: Meter
  readonly perSubject: FloodGuard
  readonly perAddress: FloodGuard
}

function createLimits(config: Config): Limits {
  const memory = () => createMemoryStore({ monotonic, now: wallClock, maxKeys: config.quota.max_keys })
  const store = memory()
  const flood = (bucket: Config['limits']['per_subject']) =>
    createFloodGuard({ perSecond: bucket.per_second, burst: bucket.burst, maxKeys: FLOOD_KEYS, monotonic })
  return {
    store,
    meter: createMeter({ store, local: memory(), timeoutMs: config.quota.store_timeout_ms }),
    perSubject: flood(config.limits.per_subject),
    perAddress: flood(config.limits.per_address),
  }
}

function createPorts(
  { pdp, authenticate, tools, root }: Parts,
  { meter, perSubject }: Limits,
  recorder: Recorder,
  protocol: Protocol,
  running: Set<Promise<void>>,
  config: Config,
  logger: Logger,
): Ports {
  const catalogue = createCatalogue(config.name, tools)
  const executor = createExecutor({ root, tools })
  const perform = createPerform({
    protocol,
    listing: catalogue.listing,
    execute: async (tool, args, obligations, signal) => {
      const executed = await executor(tool, args, obligations, signal)
      if (executed.cause !== undefined) logger.error({ tool, cause: String(executed.cause) }, 'tool failed')
      return executed
    },
  })
  const settle = async (permitted: Permitted, ending: Promise<Outcome>): Promise<void> => {
    const outcome = await ending
    const charged = outcome.status !== 'confined' && outcome.status !== 'not_run'
    await (charged ? permitted.grant?.commit() : permitted.grant?.refund())
    const duration = Math.round(ticks() - permitted.startedTicks)
    recorder.outcome({ decisionId: permitted.decisionId, timestamp: wallClock(), outcome, charged, duration })
  }
  return {
    now: wallClock,
    ticks,
    newDecisionId: uuidv7,
    authenticate: async ({ authorization }) => {
      const proof = await authenticate(authorization)
      const taken = proof.ok ? perSubject.take(subjectKey(proof.value)) : undefined
      if (taken === undefined || taken.ok) return proof
      return err({ code: 'rate_limited', retryAfterSeconds: taken.retryAfterSeconds })
    },
    parse: receive,
    describe: catalogue.describe,
    decide: (input) => {
      const policy = pdp.current()
      return { decided: policy.decide(input), bundle: policy.bundle, mask: policy.mask }
    },
    meter: meter.meter,
    record: (trail, refusal) => recorder.decision(decisionFacts(trail, refusal), trail.ruling?.mask),
    perform: (permitted) => perform({ ...permitted, signal: permitted.exchange.signal }),
    settle: (permitted, outcome) => {
      const settled: Promise<void> = settle(permitted, outcome).finally(() => running.delete(settled))
      running.add(settled)
    },
  }
}

/** What the record says of a walk, as far as it went. */
function decisionFacts(trail: Trail, refusal: Refusal | undefined): DecisionFacts {
  const { exchange, call, described, ruling, waived } = trail
  const ran = call?.target.type === 'tool' && described?.known === true && described.faults.length === 0
  return {
    decisionId: trail.decisionId,
    timestamp: trail.startedAt,
    requestId: exchange.requestId,
    traceId: exchange.traceId,
    bundle: ruling?.bundle,
    path: ruling === undefined ? undefined : DECISION,
    input: trail.input,
    decided: ruling?.decided,
    argumentsSha256: ran ? sha256(JSON.stringify(described.arguments)) : undefined,
    listed: trail.listed,
    enforced: waived === undefined,
    refusal: refusal ?? waived,
    limits: trail.grant?.states,
    address: trail.subject === undefined ? exchange.address : undefined,
    metrics: trail.metrics,
  }
}

function httpOptions(
  config: Config,
  ports: Ports,
  info: ServerInfo,
  { perAddress }: Limits,
  operations: Operations,
  logger: Logger,
): HttpOptions {
  const { limits, denials } = config
  return {
    guards: [
      guardHeaders({ count: limits.header_count, bytes: limits.header_bytes }),
      guardHost(servedHosts(config)),
      guardOrigin([config.public_url, ...config.allowed_origins]),
    ],
    mcpGuards: [
      guardFlood({ take: (address) => perAddress.take(addressKey(address)) }),
      guardMedia,
      guardSize(limits.body_bytes),
    ],
    clientAddress: createClientAddress(config.trusted_proxies),
    allowedOrigins: config.allowed_origins,
    bodyLimits: { bytes: limits.body_bytes, timeoutMs: limits.request_timeout_ms },
    newRequestId: uuidv7,
    walk: (exchange) => walk(exchange, ports, { enforce: config.enforce }),
    refuseAtDoor: (exchange, refusal) => refuseAtDoor(exchange, refusal, ports),
    reply: {
      info,
      resourceMetadata: `${config.public_url}${METADATA_PATH}`,
      httpStatus: denials.http_status,
      detail: denials.detail,
    },
    metadata: {
      resource: `${config.public_url}/mcp`,
      resource_name: config.name,
      authorization_servers: config.issuers.map(({ issuer }) => issuer),
      scopes_supported: ['mcp:read'],
      bearer_methods_supported: ['header'],
    },
    operations,
    onError: (error) => logger.error({ error: error.message }, 'http'),
  }
}

async function readinessOf(
  { pdp, log, keySets, revocations }: Parts,
  { store, meter }: Limits,
  { enforce }: Config,
  reloadFailure: string | undefined,
): Promise<Readiness> {
  const keys = [...keySets].map(([issuer, keySet]) => ({ issuer, ...keySet.health() }))
  const policy = pdp.current()
  const counters = await store.health()
  const failed = reloadFailure !== undefined && { reload_failed: reloadFailure }
  return {
    policy: { ...policy.health(), ...policy.bundle, ...failed },
    log: { ready: log.health().writable, ...log.health() },
    keys: { ready: keys.every((keySet) => keySet.keys > 0), issuers: keys },
    ...(revocations !== undefined && { revocations: { ready: true, ...revocations.health() } }),
    limits: { ready: counters.available, ...counters, ...meter.health() },
    enforcement: { ready: true, enforce },
  }
}

function gauges({ pdp, log }: Parts, { store, meter }: Limits, { enforce }: Config): Gauges {
  return {
    policy_instance_restarts: () => pdp.current().health().restarts,
    policy_indeterminate_decisions: () => pdp.current().health().indeterminate,
    log_records_dropped: () => log.health().dropped,
    log_records_suppressed: () => log.health().suppressed,
    log_records_waiting: () => log.health().buffered,
    limit_keys: async () => (await store.health()).keys,
    limit_store_failures: () => meter.health().refused,
    enforcing: () => (enforce ? 1 : 0),
  }
}

const wallClock = () => new Date()
/** Milliseconds. */
const monotonic = () => performance.now()
/** Microseconds. */
const ticks = () => Math.round(performance.now() * 1000)

const subjectKey = ({ id, properties }: Subject): string => JSON.stringify([properties.issuer, properties.tenant, id])

/** Loopback names count only while the server listens on loopback: elsewhere they are a rebinding attack. */
function servedHosts({ public_url, allowed_hosts, listen }: Config): readonly string[] {
  const loopback = ['127.0.0.1', '[::1]', 'localhost']
  const local = loopback.includes(listen.host) || listen.host === '::1' ? loopback : []
  return [new URL(public_url).hostname, ...allowed_hosts, ...local]
}

async function settledWithin(running: readonly Promise<void>[], milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds)
  })
  await Promise.race([Promise.allSettled(running), late])
  clearTimeout(timer)
}
