import { constants } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { err, ok, type Result } from '../lib/result.ts'
import { codeOf, openness } from './state.ts'

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
    return codeOf(error) === 'ENOENT' ? ok(undefined) : err(`cannot be read (${codeOf(error)})`)
  }
}

/** Replaces a file whole or not at all. */
export async function replacePrivateFile(path: string, text: string, id: string): Promise<void> {
  const draft = `${path}.${id}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
}
