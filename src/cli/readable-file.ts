import { access, constants, stat } from 'node:fs/promises'

/** True for what may be read as a file: no folder. */
export async function isReadableFile(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK)
    return !(await stat(path)).isDirectory()
  } catch {
    return false
  }
}
