import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { systemTimer, type Timer } from '../../lib/deadline.ts'
import type { JsonObject } from '../../model/json.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { DECISION } from '../../pdp/entrypoints.ts'
import type { LoadedBundle } from '../../pdp/loaded-bundle.ts'
import { memoryFor } from '../../pdp/sdk.ts'
import { SMOKE_INPUTS } from './smoke.ts'

/** For instances with the data of 100 000 roles half a second was measured. */
export const TRIAL_MS = 30_000

const MAX_HEAP_MB = 1_024

/** What fails is passed over: that is found again, with its reason, where the policy is made. */
const SOURCE = `
const { parentPort, workerData: { sdk, wasm, memory, data, inputs, entrypoint } } = require('node:worker_threads')
async function run() {
  const policy = await require(sdk).loadPolicy(wasm, memory)
  policy.setData(data)
  for (const input of inputs) {
    try { policy.evaluate(input, policy.entrypoints[entrypoint]) } catch {}
  }
}
run().catch(() => undefined).then(() => parentPort.postMessage('ended'))
`

/**
 * Starts a bundle's module and asks it every smoke question, in a thread that can be ended: nothing else ends
 * WASM that does not end by itself, and it would stop the server.
 */
export async function trialFault(
  bundle: LoadedBundle,
  milliseconds: number,
  timer: Timer = systemTimer,
): Promise<PolicyFault | undefined> {
  const worker = startWorker(bundle)
  const message = await new Promise<string | undefined>((resolve) => {
    const cancel = timer(() => resolve(`does not come to an end within ${milliseconds} ms`), milliseconds)
    const settle = (cause?: string) => {
      cancel()
      resolve(cause)
    }
    worker.once('message', () => settle())
    worker.once('error', (error) => settle(`cannot be tried: ${error.message}`))
    worker.once('exit', () => settle('cannot be tried: its thread ended'))
  })
  await worker.terminate()
  if (message === undefined) return undefined
  return { file: 'policy.wasm', message, remedy: 'Keep what a rule iterates over small, or build the bundle again' }
}

function startWorker({ wasm, data, smoke = [] }: LoadedBundle): Worker {
  const text = new TextEncoder().encode(JSON.stringify(data))
  const asked: readonly JsonObject[] = smoke.map(({ input }) => input)
  return new Worker(SOURCE, {
    eval: true,
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    workerData: {
      sdk: createRequire(import.meta.url).resolve('@open-policy-agent/opa-wasm'),
      wasm,
      memory: memoryFor(text.byteLength),
      data: text.buffer.slice(0, text.byteLength),
      inputs: [...SMOKE_INPUTS, ...asked],
      entrypoint: DECISION,
    },
  })
}
