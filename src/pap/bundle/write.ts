import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { err, ok, type Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { thrownText } from '../../pdp/sdk.ts'

/** Writes a file that is there as a whole or not at all, also when the machine stops. */
export async function writeWhole(file: string, bytes: Uint8Array): Promise<Result<void, PolicyFault>> {
  const temporary = `${file}.${process.pid}.tmp`
  try {
    await mkdir(dirname(file), { recursive: true })
    const handle = await open(temporary, 'w')
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
    return ok(undefined)
  } catch (thrown) {
    await rm(temporary, { force: true })
    return err({ message: `${file} cannot be written (${thrownText(thrown)})`, remedy: 'Name a place that can be' })
  }
}
