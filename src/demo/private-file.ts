import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { errorCode } from '../lib/error-code.ts'
import { replaceFile } from '../lib/replace-file.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { openness } from './state.ts'

/** The text of a file that is for this user alone; undefined when there is none, else what is wrong with it. */
export async function readPrivateFile(path: string): Promise<Result<string | undefined, string>> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const leak = openness(await file.stat())
      return leak === undefined ? ok(await file.readFile('utf8')) : err(leak)
    } finally {
      await file.close()
    }
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? ok(undefined) : err(`cannot be read (${errorCode(error)})`)
  }
}

/** Replaces it whole or not at all. */
export const replacePrivateFile = (path: string, text: string, id: string): Promise<void> =>
  replaceFile(path, text, { mode: 0o600, id })
