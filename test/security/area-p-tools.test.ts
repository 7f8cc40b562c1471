import { fileURLToPath } from 'node:url'
import { describe, expect } from '@jest/globals'
import { attacksOn } from './attack.ts'
import { expectAnswer, rpcError, unknownTool } from './expected.ts'

const MODULE = fileURLToPath(new URL('./tools/counts.ts', import.meta.url))

describe('a tool that takes more than a decision does', () => {
  const attack = attacksOn({ config: { tools: [MODULE] } })

  attack('P-002', async (scene) => {
    const sent = [
      { numbers: Array.from({ length: 25_000 }, (_, n) => n) },
      { numbers: [], texts: ['x'.repeat(300_000)] },
      { numbers: [1] },
      { numbers: ['x'] },
    ]
    const admin = await scene.caller({ sub: 'admin-p2', roles: ['admin'] })
    const tooLarge = rpcError(200, -32600, 'More keys, depth or bytes than a decision takes', 1)
    expectAnswer(await scene.call('count', sent[0], { as: admin }), tooLarge)
    expectAnswer(await scene.call('count', sent[1], { as: admin }), tooLarge)
    for (const args of sent) {
      const [hidden, unknown] = [await scene.call('count', args), await scene.call('cOunt', args)]
      expectAnswer(hidden, unknownTool('count'))
      expect({ ...unknown, body: unknown.body.replace('cOunt', 'count') }).toEqual(hidden)
    }
  })
})
