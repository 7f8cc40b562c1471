import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { deferred } from '../../lib/deferred.ts'
import { ok, type Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { ReplayTally } from '../../pap/replay/tally.ts'
import type { Batch, Handler } from './batch.ts'
import { createDiffHandler, type DiffJob, type DiffTotal } from './diff-batch.ts'
import { createReplayHandler, type ReplayJob } from './replay-batch.ts'

type Jobs = {
  readonly replay: { readonly job: ReplayJob; readonly total: ReplayTally }
  readonly diff: { readonly job: DiffJob; readonly total: DiffTotal }
}
type Kind = keyof Jobs
type Opened<K extends Kind> = Result<Handler<Jobs[K]['total']>, readonly PolicyFault[]>

const HANDLERS: { readonly [K in Kind]: (job: Jobs[K]['job']) => Promise<Opened<K>> } = {
  replay: createReplayHandler,
  diff: createDiffHandler,
}

export type Evaluation = {
  /** 1: this thread alone. */
  readonly threads: number
  /** Told of each batch that is done, by its size. */
  readonly onBatch?: (bytes: number) => void
}

/** Handles batches in several threads, and gives what each came to. Only so many batches are there at a time. */
export async function evaluate<K extends Kind>(
  kind: K,
  job: Jobs[K]['job'],
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  { threads, onBatch }: Evaluation,
): Promise<Result<readonly Jobs[K]['total'][], readonly PolicyFault[]>> {
  if (threads > 1) return inThreads(kind, job, batches, { threads, ...(onBatch !== undefined && { onBatch }) })
  const handler = await HANDLERS[kind](job)
  if (!handler.ok) return handler
  for await (const batch of batches) {
    await handler.value.take(batch)
    onBatch?.(batch.bytes.byteLength)
  }
  handler.value.close()
  return ok([handler.value.total()])
}

/** Batches that wait at each worker, so that none waits for the main thread. */
const AHEAD = 2

async function inThreads<K extends Kind>(
  kind: K,
  job: Jobs[K]['job'],
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  { threads, onBatch }: Evaluation,
): Promise<Result<readonly Jobs[K]['total'][], readonly PolicyFault[]>> {
  const source = eachOf(batches)
  const workers = Array.from({ length: threads }, () => startWorker(kind, job))
  try {
    const opened = await Promise.all(workers.map(({ opened }) => opened))
    const refused = opened.find((one) => !one.ok)
    if (refused !== undefined && !refused.ok) return refused
    const drive = async ({ room, send, finish }: (typeof workers)[number]) => {
      for (;;) {
        await room()
        const next = await source.next()
        if (next.done) return finish()
        const { byteLength } = next.value.bytes
        send(next.value, () => onBatch?.(byteLength))
      }
    }
    return ok(await Promise.all(workers.map(drive)))
  } finally {
    await Promise.all(workers.map(({ stop }) => stop()))
  }
}

/** One queue for all that take from it. */
async function* eachOf(batches: AsyncIterable<Batch> | Iterable<Batch>): AsyncGenerator<Batch> {
  yield* batches
}

type Answer<Total> =
  | { readonly opened: Result<null, readonly PolicyFault[]> }
  | { readonly taken: true }
  | { readonly total: Total }

function startWorker<K extends Kind>(kind: K, job: Jobs[K]['job']) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { evaluation: kind, job } })
  const opened = deferred<Result<null, readonly PolicyFault[]>>()
  const total = deferred<Jobs[K]['total']>()
  const failure = deferred<Error>()
  const failed = failure.promise.then((error) => Promise.reject(error))
  failed.catch(() => undefined)
  const waiting: (() => void)[] = []
  let room = deferred<void>()

  worker.on('error', failure.resolve)
  worker.on('message', (answer: Answer<Jobs[K]['total']>) => {
    if ('opened' in answer) opened.resolve(answer.opened)
    else if ('total' in answer) total.resolve(answer.total)
    else {
      waiting.shift()?.()
      room.resolve()
      room = deferred()
    }
  })

  return {
    opened: Promise.race([opened.promise, failed]),
    room: async () => {
      while (waiting.length >= AHEAD) await Promise.race([room.promise, failed])
    },
    send: (batch: Batch, taken: () => void) => {
      waiting.push(taken)
      worker.postMessage(batch, [batch.bytes.buffer])
    },
    finish: () => {
      worker.postMessage('finish')
      return Promise.race([total.promise, failed])
    },
    stop: () => worker.terminate(),
  }
}

/** The other end of `startWorker`: batches come one after the other, though handling them takes turns. */
async function work<K extends Kind>(kind: K, job: Jobs[K]['job']): Promise<void> {
  const tell = (answer: Answer<Jobs[K]['total']>) => parentPort?.postMessage(answer)
  const handler = await HANDLERS[kind](job)
  tell({ opened: handler.ok ? ok(null) : handler })
  if (!handler.ok) return
  let last = Promise.resolve()
  parentPort?.on('message', (message: Batch | 'finish') => {
    last = last.then(async () => {
      if (message === 'finish') return tell({ total: handler.value.total() })
      await handler.value.take(message)
      tell({ taken: true })
    })
  })
}

if (!isMainThread && workerData?.evaluation !== undefined) await work(workerData.evaluation, workerData.job)
