import type { Stats } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { errorCode } from '../lib/error-code.ts'
import { err, ok, type Result } from '../lib/result.ts'

/** Where the demo keeps its key, workspace and log. A relative `XDG_STATE_HOME` is ignored, as the XDG specification says. */
export function demoStateDir(env: Readonly<Record<string, string | undefined>>, home: string): string {
  const state = env['XDG_STATE_HOME']
  return join(state !== undefined && isAbsolute(state) ? state : join(home, '.local', 'state'), 'portcullis')
}

export const demoWorkspace = (stateDir: string): string => join(stateDir, 'workspace')
export const demoDecisionLog = (stateDir: string): string => join(stateDir, 'decisions.ndjson')

/** Where the demo takes orders from the shell of its machine. */
export const demoAdminSocket = (stateDir: string): string => join(stateDir, 'admin.sock')

/** Makes the state folder for this user alone, or makes sure that it is. */
export async function openStateDir(dir: string): Promise<Result<string, string>> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 })
    const found = await stat(dir)
    if (!found.isDirectory()) return err(`${dir} is not a folder; remove it`)
    const open = openness(found)
    return open === undefined ? ok(dir) : err(`${dir} ${open}; run: chmod 700 ${dir}`)
  } catch (error) {
    return err(`${dir} cannot be made (${errorCode(error)}); set XDG_STATE_HOME to a folder that you may write`)
  }
}

/** How others than this user could get at a file or folder, if they could. */
export function openness(found: Stats): string | undefined {
  if (process.getuid !== undefined && found.uid !== process.getuid()) return 'belongs to another user'
  return (found.mode & 0o077) === 0 ? undefined : 'is open to other users'
}
