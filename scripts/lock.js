import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Runs one piece of work at a time among all processes that name the same file. The file names its process,
 * so that one left behind is noticed.
 *
 * @param {string} file
 * @returns {(work: () => void) => Promise<void>}
 */
export const createLock = (file) => async (work) => {
  mkdirSync(dirname(file), { recursive: true })
  while (!tryLock(file)) await new Promise((resolve) => setTimeout(resolve, 200))
  try {
    work()
  } finally {
    rmSync(file, { force: true })
  }
}

/** @param {string} lock */
function tryLock(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    if (isLeftBehind(lock)) rmSync(lock, { force: true })
    return false
  }
}

/** @param {string} lock */
function isLeftBehind(lock) {
  try {
    const holder = Number(readFileSync(lock, 'utf8'))
    // Empty for a moment while another process writes it.
    return holder === 0 ? Date.now() - statSync(lock).mtimeMs > 10_000 : !isRunning(holder)
  } catch {
    return false
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return pid > 0
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
