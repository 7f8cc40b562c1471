import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { TSchema } from 'typebox'
import { parse } from 'yaml'
import { closest } from '../lib/closest.ts'
import { type Layer, mergeSettings } from '../lib/layers.ts'
import { parseLocatedYaml } from '../lib/located-yaml.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { Config } from './schema.ts'

/** What is wrong with the configuration: where, what was expected there, and what to write. */
export type ConfigFault = {
  readonly place: string
  readonly key: string
  readonly problem: string
  readonly remedy: string
}

/** The command-line flags that change the configuration. */
export type ConfigFlags = { readonly port?: string; readonly policies?: string }

/** A setting that is no section: it can be given by environment. */
export type ConfigKey = { readonly members: readonly string[]; readonly env: string; readonly schema: TSchema }

/** Every setting that is no section, in the order of the schema. */
export const CONFIG_KEYS: readonly ConfigKey[] = keysOf(Config, [])

function keysOf(schema: TSchema, members: readonly string[]): readonly ConfigKey[] {
  const { properties } = schema as { properties?: Record<string, TSchema> }
  if (properties === undefined) return [{ members, schema, env: `PORTCULLIS_${members.join('_').toUpperCase()}` }]
  return Object.entries(properties).flatMap(([name, property]) => keysOf(property, [...members, name]))
}

const MAX_BYTES = 1_048_576

export async function readFileLayer(file: string): Promise<Result<Layer, readonly ConfigFault[]>> {
  const text = await readText(file)
  if (!text.ok) return err([text.error])
  const yaml = parseLocatedYaml(text.value)
  if (!yaml.ok) {
    return err(
      yaml.error.map(({ line, column, message }) => ({
        place: `${file}:${line}:${column}`,
        key: '',
        problem: `not valid YAML: ${message}`,
        remedy: 'correct the YAML',
      })),
    )
  }
  const locate = (members: readonly string[]): string => {
    if (members.length === 0) return file
    const place = yaml.value.locate(members)
    return place === undefined ? locate(members.slice(0, -1)) : `${file}:${place.line}:${place.column}`
  }
  const value = yaml.value.value ?? {}
  if (typeof value === 'object' && !Array.isArray(value)) return ok({ value, locate, base: dirname(file) })
  return err([{ place: file, key: '', problem: 'expected a mapping', remedy: 'write settings as name: value' }])
}

async function readText(file: string): Promise<Result<string, ConfigFault>> {
  const fault = (problem: string) =>
    err({ place: file, key: '', problem, remedy: 'name a readable file after --config' })
  try {
    const { size } = await stat(file)
    return size > MAX_BYTES ? fault(`larger than ${MAX_BYTES} bytes`) : ok(await readFile(file, 'utf8'))
  } catch (error) {
    return fault(`cannot be read (${(error as { code?: string }).code ?? 'unknown cause'})`)
  }
}

const PREFIX = 'PORTCULLIS_'
/** Read by other parts: the tool chain, `portcullis rollout`, and Kubernetes, which sets these for a service of our name. */
const FOREIGN = /^PORTCULLIS_(OPA|REGAL|TOKEN|SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP)(_\w+)?)?)$/

export type Environment = Readonly<Record<string, string | undefined>>

export function readEnvironmentLayer(env: Environment, cwd: string): Result<Layer, readonly ConfigFault[]> {
  const names = Object.keys(env).filter((name) => name.startsWith(PREFIX) && !FOREIGN.test(name))
  const unknown = names.filter((name) => !CONFIG_KEYS.some((key) => key.env === name))
  if (unknown.length > 0) {
    return err(unknown.map((name) => ({ place: name, key: '', problem: 'unknown variable', remedy: renaming(name) })))
  }
  const settings = CONFIG_KEYS.flatMap((key) => {
    const text = env[key.env]
    return text === undefined ? [] : [{ ...key, place: key.env, text }]
  })
  return ok(layerOf(settings, cwd))
}

function renaming(name: string): string {
  const bare = (env: string): string => env.slice(PREFIX.length)
  const near = closest(
    bare(name),
    CONFIG_KEYS.map(({ env }) => bare(env)),
  )
  return near === undefined ? 'remove it' : `write ${PREFIX}${near}, or remove it`
}

export function readFlagsLayer(flags: ConfigFlags, cwd: string): Layer {
  const given = [
    { place: '--port', members: ['listen', 'port'], text: flags.port },
    { place: '--policies', members: ['policies'], text: flags.policies },
  ]
  const settings = given.flatMap(({ place, members, text }) =>
    CONFIG_KEYS.filter((key) => text !== undefined && key.members.join() === members.join()).map((key) => ({
      ...key,
      place,
      text: text ?? '',
    })),
  )
  return layerOf(settings, cwd)
}

type TextSetting = ConfigKey & { readonly place: string; readonly text: string }

function layerOf(settings: readonly TextSetting[], cwd: string): Layer {
  const values = settings.map(({ members, schema, text }) =>
    members.reduceRight<unknown>((value, member) => ({ [member]: value }), readSetting(schema, text)),
  )
  const locate = (wanted: readonly string[]): string | undefined =>
    settings.find(({ members }) => members.every((member, index) => member === wanted[index]))?.place
  return { value: values.reduce(mergeSettings, {}), locate, base: cwd }
}

/** Text as the type of its setting; what does not fit stays text, which the schema then refuses. */
function readSetting(schema: TSchema, text: string): unknown {
  switch ((schema as { type?: string }).type) {
    case 'integer':
      return /^-?\d{1,15}$/.test(text) ? Number(text) : text
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text
    case 'array':
      return text.trimStart().startsWith('[')
        ? readList(text)
        : text
            .split(',')
            .map((item) => item.trim())
            .filter(Boolean)
    default:
      return text
  }
}

function readList(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return text
  }
}
