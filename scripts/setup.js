import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLock } from './lock.js'
import { cacheFolder, findTool } from './toolchain.js'

export const root = fileURLToPath(new URL('../', import.meta.url))
/** The default policy, compiled. */
export const POLICY_BUNDLE = join(root, 'dist/policy/bundle.tar.gz')

const LEAST_NODE = [20, 19]

const alone = createLock(
  join(cacheFolder(process.env), `setup-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`),
)

/**
 * Brings a clone to where it can run, doing only what is missing or stale: dependencies, the build, the
 * tools asked for and, with them, the compiled default policy. Says on stderr what it does.
 *
 * @param {{ opa?: boolean, regal?: boolean, bundle?: boolean }} wanted
 * @returns {Promise<{ opa?: string, regal?: string }>}
 */
export async function prepare(wanted = {}) {
  checkNode()
  if (dependenciesAreStale() || buildIsStale()) {
    await alone(() => {
      if (dependenciesAreStale()) installDependencies()
      if (buildIsStale()) build()
    })
  }
  const opa = wanted.opa || wanted.bundle ? await findTool('opa') : undefined
  const regal = wanted.regal ? await findTool('regal') : undefined
  if (opa !== undefined && wanted.bundle && policyIsStale()) await alone(() => buildPolicy(opa))
  return { ...(opa !== undefined && { opa }), ...(regal !== undefined && { regal }) }
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = LEAST_NODE
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return
  throw new Error(`Node.js ${LEAST_NODE.join('.')} or newer is needed; this is ${process.versions.node}`)
}

/** Compares what npm says it installed with what the lock file wants. */
function dependenciesAreStale() {
  const wanted = packagesIn('package-lock.json')
  const installed = packagesIn('node_modules/.package-lock.json')
  return Object.entries(wanted).some(
    ([path, { version, optional }]) => path !== '' && !optional && installed[path]?.version !== version,
  )
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function packagesIn(file) {
  const path = join(root, file)
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : {}
}

/** Without the scripts of packages: none that is used needs one, and they would run as whoever tries this out. */
function installDependencies() {
  say('Installing dependencies (npm ci)')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const { status, error } = spawnSync(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error(`npm ci failed${error ? `: ${error.message}` : ''}: see above`)
}

const buildStamp = () => stampOf(['src', 'tsconfig.json', 'scripts/tsconfig.build.json', 'package-lock.json'])
const buildIsStale = () => readStamp('dist/.stamp') !== buildStamp()

function build() {
  say('Building (tsc)')
  const stamp = buildStamp()
  // Beside dist, and swapped in whole: files of deleted sources go, and no half build is ever run.
  const next = join(root, 'node_modules/.cache/portcullis', `dist-${process.pid}`)
  try {
    const { status, stdout } = runNode([
      'node_modules/typescript/bin/tsc',
      '-p',
      'scripts/tsconfig.build.json',
      '--outDir',
      next,
    ])
    if (status !== 0) throw new Error(`The build failed:\n${stdout}`)
    writeFileSync(join(next, '.stamp'), stamp)
    const dist = join(root, 'dist')
    rmSync(`${next}-old`, { recursive: true, force: true })
    if (existsSync(dist)) renameSync(dist, `${next}-old`)
    renameSync(next, dist)
  } finally {
    rmSync(next, { recursive: true, force: true })
    rmSync(`${next}-old`, { recursive: true, force: true })
  }
}

const policyStamp = () => stampOf(['policies', 'scripts/policy/capabilities.build.json', 'dist/.stamp'])
const policyIsStale = () => !existsSync(POLICY_BUNDLE) || readStamp('dist/policy/.stamp') !== policyStamp()

/** @param {string} opa */
function buildPolicy(opa) {
  if (!policyIsStale()) return
  say('Compiling the default policy')
  const stamp = policyStamp()
  mkdirSync(dirname(POLICY_BUNDLE), { recursive: true })
  const { status, stdout, stderr } = runNode(['dist/main.js', 'build', 'policies', '--out', POLICY_BUNDLE], {
    PORTCULLIS_OPA: opa,
  })
  if (status !== 0) throw new Error(`The default policy could not be compiled:\n${stderr}${stdout}`)
  writeFileSync(join(root, 'dist/policy/.stamp'), stamp)
}

/**
 * @param {string[]} args
 * @param {Record<string, string>} env
 */
const runNode = (args, env = {}) =>
  spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', env: { ...process.env, ...env } })

/**
 * Names the state of files and folders by path, size and time of change: quick, and enough to notice an edit.
 *
 * @param {string[]} paths
 */
function stampOf(paths) {
  const hash = createHash('sha256')
  for (const path of paths) addTo(hash, path)
  return hash.digest('hex')
}

/**
 * @param {import('node:crypto').Hash} hash
 * @param {string} path
 */
function addTo(hash, path) {
  const found = statSync(join(root, path), { throwIfNoEntry: false })
  if (found === undefined) return
  if (!found.isDirectory()) {
    hash.update(`${path}\0${found.size}\0${found.mtimeMs}\n`)
    return
  }
  for (const name of readdirSync(join(root, path)).sort()) addTo(hash, `${path}/${name}`)
}

/** @param {string} file */
const readStamp = (file) => (existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined)

/** @param {string} line */
function say(line) {
  process.stderr.write(`${line}\n`)
}
