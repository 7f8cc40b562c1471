import { resolve } from 'node:path'
import { Value } from 'typebox/value'
import { closest } from '../lib/closest.ts'
import { type Layer, type Merged, mergeLayers } from '../lib/layers.ts'
import { isUrl } from '../lib/location.ts'
import { isLoopback } from '../lib/loopback.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { expectation, type SchemaFault, schemaFaults, schemaOf } from '../lib/schema-faults.ts'
import { withAbsoluteFiles } from './policy-rules.ts'
import { findContradictions, findMissingFiles } from './rules.ts'
import { type Config as Checked, Config, type WrittenConfig } from './schema.ts'
import {
  type ConfigFault,
  type ConfigFlags,
  type Environment,
  readEnvironmentLayer,
  readFileLayer,
  readFlagsLayer,
} from './sources.ts'

export type { Config } from './schema.ts'

/**
 * Settings from, each over the one before: defaults, the demo, the file, the environment, the flags. All
 * faults come in one report. A relative path starts from the folder of the file that holds it, or from
 * the working directory.
 */
export async function loadConfig(options: {
  readonly file?: string
  readonly env: Environment
  readonly flags: ConfigFlags
  /** The settings of `--demo`. */
  readonly demo?: unknown
  readonly cwd: string
}): Promise<Result<Checked, readonly ConfigFault[]>> {
  const { file, env, flags, demo = {}, cwd } = options
  const fromFile = file === undefined ? ok(emptyLayer(cwd)) : await readFileLayer(file)
  const fromEnv = readEnvironmentLayer(env, cwd)
  const layers = [
    { value: demo, locate: () => '--demo', base: cwd },
    fromFile.ok ? fromFile.value : emptyLayer(cwd),
    fromEnv.ok ? fromEnv.value : emptyLayer(cwd),
    readFlagsLayer(flags, cwd),
  ]
  const merged = mergeLayers(layers)
  const place = (members: readonly string[]) => merged.sourceOf(members)?.locate(members) ?? file ?? 'configuration'
  const unread = [...(fromFile.ok ? [] : fromFile.error), ...(fromEnv.ok ? [] : fromEnv.error)]
  // What an unreadable file would have said is unknown: nothing more can be found out.
  if (!fromFile.ok) return err(unread)

  const written = Value.Default(Config, merged.value)
  const formal = schemaFaults(Config, written)
  const healed = withoutSettings(written, new Set(formal.map(({ members }) => members[0] ?? '')))
  const config = withPublicUrl(withAbsolutePaths(healed, merged, cwd))
  const found = [...findContradictions(config, options.demo !== undefined), ...(await findMissingFiles(config))]
  const faults = [
    ...unread,
    ...formal.map((fault) => describeFault(fault, place)),
    ...found
      .filter(({ members }) => !formal.some((fault) => fault.members[0] === members[0]))
      .map(({ members, problem, remedy }) => ({ place: place(members), key: members.join('.'), problem, remedy })),
  ]
  const { workspace, policies } = config
  if (faults.length > 0 || workspace === undefined || policies === undefined) return err(faults)
  return ok({ ...config, workspace, policies })
}

export const formatFaults = (faults: readonly ConfigFault[]): string =>
  [
    `The configuration has ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}:`,
    ...faults.map(
      ({ place, key, problem, remedy }) => `  ${[place, key, problem].filter(Boolean).join(': ')}; ${remedy}`,
    ),
  ].join('\n')

const emptyLayer = (base: string): Layer => ({ value: {}, locate: () => undefined, base })

/** The same settings without those of wrong form, so that the rest can be checked too. */
function withoutSettings(written: unknown, names: ReadonlySet<string>): WrittenConfig {
  const kept = Object.entries(names.has('') ? {} : Object(written)).filter(([name]) => !names.has(name))
  return Value.Parse(Config, Value.Default(Config, Object.fromEntries(kept)))
}

function withAbsolutePaths(config: WrittenConfig, merged: Merged, cwd: string): WrittenConfig {
  const absolute = (path: string, ...members: readonly string[]) => resolve(merged.sourceOf(members)?.base ?? cwd, path)
  const { workspace, policies, policy, revocations, log, tools, issuers, admin } = config
  return {
    ...config,
    ...(workspace === undefined ? {} : { workspace: absolute(workspace, 'workspace') }),
    ...(policies === undefined || isUrl(policies) ? {} : { policies: absolute(policies, 'policies') }),
    policy: withAbsoluteFiles(policy, absolute),
    ...(revocations === undefined ? {} : { revocations: absolute(revocations, 'revocations') }),
    log: log.path === undefined ? log : { ...log, path: absolute(log.path, 'log', 'path') },
    admin: admin.socket === undefined ? admin : { ...admin, socket: absolute(admin.socket, 'admin', 'socket') },
    tools: tools.map((path, index) => absolute(path, 'tools', String(index))),
    issuers: issuers.map((issuer, index) => {
      const { file } = issuer.jwks
      if (file === undefined) return issuer
      return { ...issuer, jwks: { ...issuer.jwks, file: absolute(file, 'issuers', String(index), 'jwks', 'file') } }
    }),
  }
}

function withPublicUrl(config: WrittenConfig): WrittenConfig & Pick<Checked, 'public_url'> {
  const { host, port } = config.listen
  const derived = isLoopback(host) ? `http://${host.includes(':') ? `[${host}]` : host}:${port}` : ''
  return { ...config, public_url: config.public_url ?? derived }
}

function describeFault(fault: SchemaFault, place: (members: readonly string[]) => string): ConfigFault {
  const { members } = fault
  const name = members.at(-1) ?? ''
  const at = { place: place(members), key: members.join('.') }
  switch (fault.kind) {
    case 'unknown': {
      const near = closest(name, fault.siblings)
      const remedy = near === undefined ? `remove it; known here: ${fault.siblings.join(', ')}` : `write ${near}`
      return { ...at, problem: 'unknown key', remedy }
    }
    case 'missing': {
      const schema = schemaOf(Config, members)
      return { ...at, problem: `missing; expected ${expectation(schema ?? {})}`, remedy: example(name, schema ?? {}) }
    }
    case 'wrong':
      return { ...at, problem: `expected ${expectation(fault.schema)}`, remedy: example(name, fault.schema) }
  }
}

function example(name: string, schema: object): string {
  const { examples, default: preset } = schema as { examples?: readonly unknown[]; default?: unknown }
  const value = examples?.[0] ?? preset
  if (value === undefined) return 'correct it'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /^\d+$/.test(name) ? `write for example ${text}` : `write for example ${name}: ${text}`
}
