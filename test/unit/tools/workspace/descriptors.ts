import { readdirSync, readlinkSync } from 'node:fs'

/** What this process holds open below a folder, removed or not; what others open meanwhile does not count. */
export const openBelow = (folder: string): readonly string[] =>
  readdirSync('/proc/self/fd').flatMap((descriptor) => {
    const path = pathOf(descriptor)
    return path === folder || path.startsWith(`${folder}/`) ? [path] : []
  })

/** The descriptor by which the descriptors are listed is closed by then. */
function pathOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`)
  } catch {
    return ''
  }
}
