import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { TOOLS } from './tools.js'

/**
 * @typedef {import('./tools.js').Tool} Tool
 * @typedef {{ found: string } | { missed: string }} Attempt
 * @typedef {object} Surroundings
 * @property {Readonly<Record<string, string | undefined>>} env
 * @property {string} platform   `<platform>-<arch>` of Node
 * @property {(line: string) => void} log
 */

const run = promisify(execFile)
const executableSuffix = process.platform === 'win32' ? '.exe' : ''

/**
 * The path of a tool, found or made. Throws one message that names each attempt and the remedy.
 *
 * @param {'opa' | 'regal'} name
 * @returns {Promise<string>}
 */
export const findTool = (name) =>
  locate(TOOLS[name], {
    env: process.env,
    platform: `${process.platform}-${process.arch}`,
    log: (line) => process.stderr.write(`${line}\n`),
  })

/**
 * @param {Tool} tool
 * @param {Surroundings} at
 * @returns {Promise<string>}
 */
export async function locate(tool, at) {
  const cached = cachePath(tool, at.env)
  const missed = []
  for (const attempt of [fromVariable, fromPath, fromCache, fromRelease, fromSource]) {
    const outcome = await attempt(tool, at, cached)
    if ('found' in outcome) return outcome.found
    missed.push(outcome.missed)
    // A binary named on purpose that does not work is a mistake to be told, not one to be worked around.
    if (attempt === fromVariable && at.env[tool.variable]) break
  }
  throw new Error(
    [
      `${tool.name} ${tool.version} is needed and could not be had:`,
      ...missed.map((line, index) => `  ${index + 1}. ${line}`),
      `Put ${tool.name} ${tool.version} on PATH, or set ${tool.variable} to its path, or install Go 1.26 or newer.`,
    ].join('\n'),
  )
}

/** @param {Surroundings['env']} env */
export function cacheFolder(env) {
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'portcullis')
}

/** @type {(tool: Tool, env: Surroundings['env']) => string} */
function cachePath(tool, env) {
  return join(cacheFolder(env), 'bin', `${tool.name}-${tool.version}${executableSuffix}`)
}

/** @type {(tool: Tool, at: Surroundings) => Promise<Attempt>} */
async function fromVariable(tool, at) {
  const path = at.env[tool.variable]
  if (!path) return { missed: `${tool.variable} is not set` }
  const version = await versionOf(path)
  if (version === undefined) return { missed: `${tool.variable}=${path} does not run: correct or unset it` }
  if (version === 'unknown' || tool.accepts(version)) return { found: path }
  return { missed: `${tool.variable}=${path} is version ${version}; ${tool.version} is wanted: correct or unset it` }
}

/** @type {(tool: Tool, at: Surroundings) => Promise<Attempt>} */
async function fromPath(tool, at) {
  for (const folder of (at.env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, tool.name + executableSuffix)
    if (!isExecutable(path)) continue
    const version = (await versionOf(path)) ?? 'none that it tells'
    return tool.accepts(version)
      ? { found: path }
      : { missed: `${path} is not of an accepted version (it has ${version})` }
  }
  return { missed: `no ${tool.name} on PATH` }
}

/** @type {(tool: Tool, at: Surroundings, cached: string) => Promise<Attempt>} */
async function fromCache(_tool, _at, cached) {
  return isExecutable(cached) ? { found: cached } : { missed: `nothing in the cache at ${cached}` }
}

/** @type {(tool: Tool, at: Surroundings, cached: string) => Promise<Attempt>} */
async function fromRelease(tool, at, cached) {
  const entry = tool.assets[at.platform]
  if (!entry?.sha256) return { missed: `no release downloaded: no pinned checksum for ${at.platform}` }
  const url = tool.releases + entry.asset
  at.log(`Downloading ${url}`)
  try {
    const bytes = await download(url)
    const sum = createHash('sha256').update(bytes).digest('hex')
    if (sum !== entry.sha256) return { missed: `${url} has SHA-256 ${sum}, not the pinned ${entry.sha256}: not used` }
    return { found: install(cached, (temporary) => writeFileSync(temporary, bytes, { mode: 0o755 })) }
  } catch (error) {
    return { missed: `${url} could not be downloaded: ${reason(error)}` }
  }
}

/** @param {string} url */
async function download(url) {
  // An unreachable host must not hold up the build from source; a slow one may take its time.
  const unreachable = new AbortController()
  const timer = setTimeout(() => unreachable.abort(new Error('no answer within 5 s')), 5_000)
  try {
    const response = await fetch(url, { signal: unreachable.signal })
    if (!response.ok) throw new Error(`HTTP ${response.status}`)
    clearTimeout(timer)
    return new Uint8Array(await response.arrayBuffer())
  } finally {
    clearTimeout(timer)
  }
}

/** @type {(tool: Tool, at: Surroundings, cached: string) => Promise<Attempt>} */
async function fromSource(tool, at, cached) {
  const go = await run('go', ['version'], { env: at.env }).catch(() => undefined)
  if (go === undefined) return { missed: 'not built from source: no go command on PATH' }
  at.log(`Building ${tool.name} ${tool.version} from its pinned Go module (once; a few minutes)`)
  const temporary = temporaryBeside(cached)
  const failure = await goBuild(tool, at, temporary)
  if (failure !== undefined) {
    rmSync(temporary, { force: true })
    return { missed: `go build of ${tool.package} failed (${go.stdout.trim()}): ${failure}` }
  }
  renameSync(temporary, cached)
  at.log(`Built ${cached}`)
  return { found: cached }
}

/** @type {(tool: Tool, at: Surroundings, out: string) => Promise<string | undefined>} */
function goBuild(tool, at, out) {
  return new Promise((resolve) => {
    const started = Date.now()
    const build = spawn('go', ['build', ...tool.flags, '-o', out, tool.package], {
      cwd: tool.source,
      env: { ...at.env, CGO_ENABLED: '0' },
      stdio: ['ignore', 'inherit', 'pipe'],
    })
    let said = ''
    build.stderr.on('data', (chunk) => {
      said = (said + chunk).slice(-2_000)
    })
    const ticking = setInterval(
      () => at.log(`  building ${tool.name}: ${Math.round((Date.now() - started) / 1000)} s`),
      10_000,
    )
    build.on('error', (error) => {
      clearInterval(ticking)
      resolve(error.message)
    })
    build.on('close', (code) => {
      clearInterval(ticking)
      resolve(code === 0 ? undefined : said.trim() || `exit code ${code}`)
    })
  })
}

/**
 * The version a binary tells; `unknown` when it runs and knows none; undefined when it does not run.
 *
 * @param {string} path
 * @returns {Promise<string | undefined>}
 */
async function versionOf(path) {
  try {
    const { stdout } = await run(path, ['version'], { timeout: 30_000 })
    return /^Version:\s*v?(\d+\.\d+\.\d+)/m.exec(stdout)?.[1] ?? 'unknown'
  } catch {
    return undefined
  }
}

/**
 * Whoever comes second replaces the file by an equal one: a rename is atomic.
 *
 * @param {string} target
 * @param {(temporary: string) => void} write
 */
function install(target, write) {
  const temporary = temporaryBeside(target)
  write(temporary)
  renameSync(temporary, target)
  return target
}

/** @param {string} target */
function temporaryBeside(target) {
  mkdirSync(join(target, '..'), { recursive: true })
  return `${target}.${process.pid}-${Date.now().toString(36)}`
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    const file = statSync(path)
    return file.isFile() && file.size > 0
  } catch {
    return false
  }
}

/** @param {unknown} error */
function reason(error) {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
