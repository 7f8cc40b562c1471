import { rpcError, toolError } from '../answers.ts'
import { type Answer, DECISION, type Sent, type World } from '../world.ts'
import { as, BOTH, type Row } from './row.ts'

const unavailable = { code: 'unavailable', retry_after_seconds: 1, decision_id: DECISION }
const UNAVAILABLE_TEXT = `The service is temporarily unavailable. Retry in 1 s (decision ${DECISION})`

/** Uses up what a caller may do with `readFile` in a minute: one call. */
async function exhaust(world: World, sent: Sent, caller: string): Promise<Answer> {
  const token = await world.token({ sub: caller, roles: ['rate-1'] })
  await world.call('readFile', { path: 'public/a.txt' }, { ...sent, token })
  return world.call('readFile', { path: 'public/a.txt' }, { ...sent, token })
}

/** Gives every counter of the limit store to somebody. */
async function fillCounters(world: World): Promise<void> {
  const { body } = await world.fetch('/readyz')
  if (!(body as { readonly ready: boolean }).ready) return
  for (let n = 0; n < 40; n++) {
    const token = await world.token({ sub: `filler-${n}`, roles: ['ample'] })
    await world.call('readFile', { path: 'public/a.txt' }, { token })
    const lister = await world.token({ sub: `lister-${n}`, roles: ['counted'] })
    await world.send({ method: 'tools/list', token: lister })
  }
}

const FULL_STORE = { quota: { max_keys: 100 } }

const later = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()
const midnight = () => `${later(86_400).slice(0, 10)}T00:00:00.000Z`

export const METER: readonly Row[] = [
  {
    code: 'quota_exhausted',
    when: 'a tool was called too often',
    eras: BOTH,
    send: (world, sent, era) => exhaust(world, sent, era),
    expected: (era) => ({
      status: 200,
      headers: {
        'ratelimit-policy':
          '"calls at the same time";q=1000000;qu="concurrent-requests", "calls per day";q=1000000;w=86400, "readFile per minute";q=1;w=60',
        ratelimit: `"calls at the same time";r=1000000;t=0, "calls per day";r=999999;t=${secondsToMidnight()}, "readFile per minute";r=0;t=60`,
        'retry-after': '60',
      },
      body: toolError(
        era,
        `A limit is used up: "readFile per minute", 1 of 1 used, resets at ${later(60)}. Retry in 60 s (decision ${DECISION})`,
        {
          code: 'quota_exhausted',
          name: 'readFile per minute',
          limit: 1,
          used: 1,
          resets_at: later(60),
          retry_after_seconds: 60,
          decision_id: DECISION,
        },
      ),
      cause: 'readFile per minute',
    }),
  },
  {
    code: 'quota_exhausted',
    when: 'no list is left',
    eras: BOTH,
    send: async (world, sent) =>
      world.send({ ...sent, method: 'tools/list', params: {}, token: await as(world, 'rationed') }),
    expected: () => ({
      status: 200,
      headers: {
        'ratelimit-policy': '"lists per day";q=0;w=86400',
        ratelimit: '"lists per day";r=0;t=86400',
        'retry-after': '86400',
      },
      body: rpcError(
        -31429,
        `A limit is used up: "lists per day", 0 of 0 used, resets at ${midnight()}. Retry in 86400 s (decision ${DECISION})`,
        {
          code: 'quota_exhausted',
          name: 'lists per day',
          limit: 0,
          used: 0,
          resets_at: midnight(),
          retry_after_seconds: 86_400,
          decision_id: DECISION,
        },
      ),
      cause: 'lists per day',
    }),
  },
  {
    code: 'quota_unavailable',
    when: 'the limit store is full and a tool is called',
    eras: BOTH,
    settings: FULL_STORE,
    send: async (world, sent) => {
      await fillCounters(world)
      return world.call('readFile', { path: 'public/a.txt' }, sent)
    },
    expected: (era) => ({
      status: 200,
      headers: { 'retry-after': '1' },
      body: toolError(era, UNAVAILABLE_TEXT, unavailable),
    }),
  },
  {
    code: 'quota_unavailable',
    when: 'the limit store is full and a list is asked for',
    eras: BOTH,
    settings: FULL_STORE,
    send: async (world, sent) => {
      await fillCounters(world)
      return world.send({ ...sent, method: 'tools/list', params: {}, token: await as(world, 'counted') })
    },
    expected: () => ({
      status: 200,
      headers: { 'retry-after': '1' },
      body: rpcError(-31503, UNAVAILABLE_TEXT, unavailable),
    }),
  },
]

const secondsToMidnight = () => Math.ceil((Date.parse(midnight()) - Date.now()) / 1000)
