import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from './toolchain.js'

/**
 * Installs packages that only one script needs, outside the clone, and returns their folder.
 *
 * @param {Readonly<Record<string, string>>} packages   name → exact version
 * @param {(line: string) => void} say
 * @returns {string}
 */
export function installBeside(packages, say) {
  const manifest = JSON.stringify({ private: true, dependencies: packages })
  const folder = join(
    cacheFolder(process.env),
    `packages-${createHash('sha256').update(manifest).digest('hex').slice(0, 16)}`,
  )
  if (existsSync(folder)) return folder
  const names = Object.entries(packages).map(([name, version]) => `${name}@${version}`)
  say(`Installing ${names.join(', ')} into ${folder}`)
  const draft = `${folder}-${process.pid}`
  mkdirSync(draft, { recursive: true })
  writeFileSync(join(draft, 'package.json'), manifest)
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock']
  const { status } = spawnSync(npm, args, { cwd: draft, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
  if (status !== 0) {
    rmSync(draft, { recursive: true })
    throw new Error(`npm could not install ${names.join(', ')}: see above`)
  }
  renameSync(draft, folder)
  return folder
}
