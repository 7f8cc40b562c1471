import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runApart, say } from './apart.js'
import { installBeside } from './beside.js'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

await runApart('test/browser', () => {
  const artifacts = process.env['ARTIFACTS'] || join(tmpdir(), 'portcullis-browser')
  mkdirSync(artifacts, { recursive: true })
  say(`Screenshots: ${artifacts}`)
  return {
    CHROMIUM_PATH: chromium(),
    BROWSER_PACKAGES: installBeside({ 'playwright-core': '1.65.1', 'axe-core': '4.14.1' }, say),
    ARTIFACTS: artifacts,
  }
})

/** The Chromium of this machine; Debian's is installed when there is none and this is root. */
function chromium() {
  const found = process.env['CHROMIUM_PATH'] || onPath()
  if (found) return found
  if (process.getuid?.() === 0 && runs('apt-get', '--version')) {
    say('Installing chromium (apt-get)')
    const install = ['install', '-y', '--no-install-recommends', 'chromium']
    if (!apt(...install)) {
      apt('update')
      apt(...install)
    }
    const installed = onPath()
    if (installed) return installed
  }
  throw new Error('Chromium is needed: run apt-get install chromium as root, or set CHROMIUM_PATH to the path of one.')
}

function onPath() {
  return NAMES.find((name) => runs(name, '--version'))
}

/** @param {string[]} command */
function runs(...command) {
  const [name = '', ...args] = command
  return spawnSync(name, args, { stdio: 'ignore' }).status === 0
}

/** @param {string[]} args */
function apt(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync('apt-get', args, { stdio: ['ignore', 2, 2], env }).status === 0
}
