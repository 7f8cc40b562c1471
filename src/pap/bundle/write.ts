import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { replaceFile } from '../../lib/replace-file.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { thrownText } from '../../lib/thrown-text.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'

/** Writes what a command makes, as others of its files are written: by the umask. */
export async function writeWhole(file: string, bytes: Uint8Array): Promise<Result<void, PolicyFault>> {
  try {
    await mkdir(dirname(file), { recursive: true })
    await replaceFile(file, bytes, { mode: 0o666, id: randomUUID() })
    return ok(undefined)
  } catch (thrown) {
    return err({ message: `${file} cannot be written (${thrownText(thrown)})`, remedy: 'Name a place that can be' })
  }
}
