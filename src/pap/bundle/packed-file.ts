import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { err, ok, type Result } from '../../lib/result.ts'
import { thrownText } from '../../lib/thrown-text.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'

/** The bytes of a bundle's file, none of them read when there are more than `maxBytes`. */
export async function readPackedFile(
  file: string,
  maxBytes: number,
): Promise<Result<Uint8Array, readonly PolicyFault[]>> {
  const refused = (message: string) => err([{ message, remedy: 'Name a bundle made by `portcullis build`' }])
  try {
    // Opening a pipe would wait for its writer.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const stats = await handle.stat()
      if (!stats.isFile()) return refused(`${file} is no file`)
      if (stats.size > maxBytes) return refused(`${file} is larger than ${maxBytes} bytes`)
      const bytes = new Uint8Array(stats.size)
      const { bytesRead } = await handle.read(bytes, 0, stats.size, 0)
      return ok(bytes.subarray(0, bytesRead))
    } finally {
      await handle.close()
    }
  } catch (thrown) {
    return refused(thrownText(thrown))
  }
}
