import { beforeAll, describe, expect, test } from '@jest/globals'
import type { Timer } from '../../../../src/lib/deadline.ts'
import { trialFault } from '../../../../src/pap/activation/trial.ts'
import type { LoadedBundle } from '../../../../src/pdp/loaded-bundle.ts'
import { compileWith, findOpa } from '../../../policy/tools.ts'

const never: Timer = () => () => {}
const atOnce: Timer = (run) => {
  run()
  return () => {}
}
/** A module whose start function is `loop br 0 end`. */
const ENDLESS = Uint8Array.from(
  [
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    [1, 4, 1, 0x60, 0, 0],
    [3, 2, 1, 0],
    [8, 1, 0],
    [10, 9, 1, 7, 0, 3, 0x40, 0x0c, 0, 0x0b, 0x0b],
  ].flat(),
)

let bundle: LoadedBundle
beforeAll(async () => {
  bundle = await compileWith(await findOpa(), { 'mcp/main/main.rego': 'package mcp.main\n\ndecision := input.x\n' })
})

describe('a trial', () => {
  test('says nothing of a policy that ends, whatever it answers', async () => {
    expect(
      await trialFault({ ...bundle, smoke: [{ note: 'n', input: { x: 1 }, want: {} }] }, 100, never),
    ).toBeUndefined()
  })

  test('says nothing of what fails: that is found again', async () => {
    expect(await trialFault({ ...bundle, wasm: new Uint8Array(3) }, 100, never)).toBeUndefined()
  })

  test('ends what does not end', async () => {
    expect(await trialFault({ ...bundle, wasm: ENDLESS }, 100, atOnce)).toEqual({
      file: 'policy.wasm',
      message: 'does not come to an end within 100 ms',
      remedy: 'Keep what a rule iterates over small, or build the bundle again',
    })
  })
})
