import { open, rename, rm } from 'node:fs/promises'

/** Writes a file that is there as a whole or not at all, also when the machine stops. `id` names the draft beside it. */
export async function replaceFile(
  file: string,
  content: string | Uint8Array,
  { mode, id }: { readonly mode: number; readonly id: string },
): Promise<void> {
  const draft = `${file}.${id}`
  try {
    const handle = await open(draft, 'wx', mode)
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(draft, file)
  } catch (thrown) {
    await rm(draft, { force: true })
    throw thrown
  }
}
