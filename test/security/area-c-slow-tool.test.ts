import { fileURLToPath } from 'node:url'
import { describe, expect } from '@jest/globals'
import { attacksOn } from './attack.ts'
import { descriptors, eventually } from './invariants.ts'
import { bearer, META, type Scene } from './scene.ts'
import type { LogLine } from './server.ts'
import { running } from './tools/gate.ts'
import { dial, toBytes } from './wire.ts'

const MODULE = fileURLToPath(new URL('./tools/gate.ts', import.meta.url))

/** A call of the slow tool on a connection of its own, which the test then breaks. */
async function begin(scene: Scene, era: 'legacy' | 'modern') {
  const modern = era === 'modern'
  const params = { name: 'wait', arguments: {}, ...(modern && { _meta: META }) }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })
  const mirrored = [
    ['MCP-Protocol-Version', '2026-07-28'],
    ['Mcp-Method', 'tools/call'],
    ['Mcp-Name', 'wait'],
  ] as const
  const headers = [
    ['Host', '127.0.0.1'],
    ['Content-Type', 'application/json'],
    ['Accept', 'application/json, text/event-stream'],
    bearer(scene.attacker.token),
    ...(modern ? mirrored : []),
  ] as const
  const dialled = await dial(scene.server.port)
  scene.expectRecords(1)
  dialled.socket.write(toBytes({ headers, body }))
  return dialled
}

const ends = (lines: readonly LogLine[]) =>
  lines.filter(({ kind }) => kind === 'outcome').map(({ status, charged }) => ({ status, charged }))

describe('a slow tool', () => {
  const attack = attacksOn({ config: { tools: [MODULE] } })

  attack(
    'C-054',
    async (scene) => {
      const modern = await begin(scene, 'modern')
      await eventually('the tool runs', () => running.length === 1)
      modern.socket.destroy()
      await eventually('the tool was told', () => running.length === 0)

      const before = descriptors()
      const legacy = await begin(scene, 'legacy')
      await eventually('the tool runs', () => running.length === 1)
      legacy.socket.destroy()
      await eventually('the server has seen it', () => descriptors() === before)
      expect(running.map(({ signal }) => signal.aborted)).toEqual([false])
      running[0]?.end()
    },
    {
      roles: ['admin'],
      logged: (lines) =>
        expect(ends(lines)).toEqual([
          { status: 'cancelled', charged: true },
          { status: 'completed', charged: true },
        ]),
    },
  )

  const ROUNDS = 3
  const AT_ONCE = 16

  attack(
    'P-014',
    async (scene) => {
      for (let round = 0; round < ROUNDS; round++) {
        const calls = await Promise.all(Array.from({ length: AT_ONCE + 4 }, () => begin(scene, 'modern')))
        const decided = () => refusalsIn(scene).length === 4 * (round + 1)
        await eventually(
          'as many as allowed run and the others were refused',
          () => running.length === AT_ONCE && decided(),
        )
        for (const { socket } of calls) socket.destroy()
        await eventually('all were told', () => running.length === 0)
        const settled = () => outcomesIn(scene) === AT_ONCE * (round + 1)
        await eventually('all were settled', settled)
      }
    },
    {
      roles: ['admin'],
      logged: (lines) =>
        expect(ends(lines)).toEqual(new Array(ROUNDS * AT_ONCE).fill({ status: 'cancelled', charged: true })),
    },
  )
})

const linesOf = ({ server, attacker }: Scene): readonly LogLine[] => {
  const lines = server.logText().split('\n').filter(Boolean)
  const all = lines.map((line) => JSON.parse(line) as LogLine)
  const mine = new Set(
    all
      .filter(({ input }) => JSON.stringify(input ?? {}).includes(`"${attacker.sub}"`))
      .map((line) => line.decision_id),
  )
  return all.filter(({ decision_id }) => mine.has(decision_id))
}
const refusalsIn = (scene: Scene) => linesOf(scene).filter(({ refusal }) => refusal === 'quota_exhausted')
const outcomesIn = (scene: Scene) => linesOf(scene).filter(({ kind }) => kind === 'outcome').length
