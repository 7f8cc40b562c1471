import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { findOpa, POLICIES } from './package.ts'

export type OpaServer = { readonly port: number; readonly stop: () => Promise<void> }

const PATIENCE_MS = 20_000

/** `opa run --server` with the default policy, on loopback. */
export async function startOpa(): Promise<OpaServer> {
  const port = await freePort()
  const how = ['--addr', `127.0.0.1:${port}`, '--skip-version-check', '--ignore', '*_test.rego']
  const opa = spawn(await findOpa(), ['run', '--server', ...how, POLICIES], { stdio: 'ignore' })
  const exited = once(opa, 'exit')
  const kill = () => opa.kill('SIGKILL')
  process.once('exit', kill)
  const stop = async () => {
    process.off('exit', kill)
    kill()
    await exited
  }
  const deadline = performance.now() + PATIENCE_MS
  while (!(await isHealthy(port))) {
    if (opa.exitCode === null && performance.now() < deadline) await pause(50)
    else {
      await stop()
      throw new Error('opa run --server did not start')
    }
  }
  return { port, stop }
}

const isHealthy = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/health`).then(
    (response) => response.ok,
    () => false,
  )

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}
