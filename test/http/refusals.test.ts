import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { REFUSALS } from '../../src/model/refusal.ts'
import { JSON_HEADERS } from './answers.ts'
import { edge } from './edge.ts'
import { AUTHENTICATE } from './rows/authenticate.ts'
import { DECIDE } from './rows/decide.ts'
import { GUARD } from './rows/guard.ts'
import { METER } from './rows/meter.ts'
import { PARSE } from './rows/parse.ts'
import { PERFORM } from './rows/perform.ts'
import { THROUGH_PORTS } from './rows/ports.ts'
import { blockLog, RECORD, UNWRITABLE_LOG } from './rows/record.ts'
import type { Row } from './rows/row.ts'
import { SECRET } from './tools.ts'
import { type Answer, type Era, openWorld, stopClocks, toAnswer, type World } from './world.ts'

const RECORDED = [...GUARD, ...AUTHENTICATE, ...PARSE, ...DECIDE, ...METER]

const casesOf = (rows: readonly Row[]) => rows.flatMap((row) => row.eras.map((era) => ({ ...row, era })))

/** By their settings: rows with the same ones share a world. */
const worlds = new Map<object, Promise<World>>()
const DEFAULTS = {}
beforeAll(stopClocks)
afterAll(async () => {
  await Promise.all([...worlds.values()].map(async (world) => (await world).close()))
})

const worldFor = ({ settings = DEFAULTS }: Row): Promise<World> => {
  // what is written of refusals before authentication is paced; a second later there is room again
  jest.advanceTimersByTime(1000)
  const world = worlds.get(settings) ?? openWorld(settings, settings === UNWRITABLE_LOG ? { prepare: blockLog } : {})
  worlds.set(settings, world)
  return world
}

const send = async (row: Row & { readonly era: Era }, world: World): Promise<Answer> =>
  row.send(world, row.era === 'modern' ? { era: 'modern' } : {}, row.era)

const wireOf = ({ status, headers, body }: Answer) => ({ status, headers, body })
const expectedOf = ({ expected, era }: Row & { readonly era: Era }) => {
  const { status, headers, body } = expected(era)
  return { status, headers: { ...JSON_HEADERS, ...headers }, body }
}

describe('a refusal over HTTP', () => {
  test.each(casesOf(RECORDED))('$code, $era: $when', async (row) => {
    const world = await worldFor(row)
    const answer = await send(row, world)
    expect(wireOf(answer)).toEqual(expectedOf(row))
    const record = (await world.decisions()).at(-1)
    const { cause } = row.expected(row.era)
    expect({ stage: record?.stage, refusal: record?.refusal, cause: record?.cause }).toEqual({
      stage: REFUSALS[row.code].stage,
      refusal: row.code,
      cause,
    })
    for (const id of answer.decisionIds) expect(id).toBe(record?.decision_id)
  })

  test.each(casesOf(RECORD))('$code, $era: $when', async (row) => {
    const world = await worldFor(row)
    expect(wireOf(await send(row, world))).toEqual(expectedOf(row))
  })

  test.each(casesOf(PERFORM))('$code, $era: $when', async (row) => {
    const world = await worldFor(row)
    const answer = await send(row, world)
    expect(wireOf(answer)).toEqual(expectedOf(row))
    const { decision_id, status, charged } = (await world.outcomes()).at(-1) ?? {}
    expect({ status, charged }).toEqual({ status: 'failed', charged: true })
    expect(answer.decisionIds).toEqual(answer.decisionIds.map(() => decision_id))
    expect(answer.text).not.toContain(SECRET)
  })
})

const throughPorts = THROUGH_PORTS.flatMap((row) => row.eras.map((era) => ({ ...row, era })))

test.each(throughPorts)('$code over HTTP, with a port that says so, $era: $when', async ({ ports, era, expected }) => {
  const answer = await toAnswer(await edge(ports(era)).request('/mcp', { method: 'POST' }))
  expect(wireOf(answer)).toEqual({ headers: JSON_HEADERS, ...expected(era) })
})

test('every code has a row', () => {
  const covered = new Set([...RECORDED, ...RECORD, ...PERFORM, ...THROUGH_PORTS].map(({ code }) => code))
  expect([...covered].sort()).toEqual(Object.keys(REFUSALS).sort())
})
