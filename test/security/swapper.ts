import { spawn } from 'node:child_process'
import { once } from 'node:events'

// Flips a name between what is inside and a link to what is outside, as fast as another process can.
const SWAPPER = `
const { renameSync } = require('node:fs')
const [name, real, link] = process.argv.slice(1)
process.stdout.write('ready')
for (;;) {
  renameSync(real, name); renameSync(name, real)
  renameSync(link, name); renameSync(name, link)
}`

/** Swaps `<path>.real` and `<path>.link` under `path` until it is stopped. */
export async function startSwapper(path: string): Promise<() => Promise<void>> {
  const swapper = spawn(process.execPath, ['-e', SWAPPER, path, `${path}.real`, `${path}.link`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(swapper, 'close')
  await once(swapper.stdout, 'data')
  return async () => {
    swapper.kill('SIGKILL')
    await closed
  }
}
