import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Static } from 'typebox'
import { readFile } from '../../../src/tools/read-file.ts'
import { capabilities, resultOf } from './running.ts'
import { createFixture, type Fixture, faultOf } from './workspace/fixture.ts'

type Input = Static<typeof readFile.input>
const done = (value: unknown) => ({ ok: true, value })
const base64 = (bytes: readonly number[]) => Buffer.from(bytes).toString('base64')

describe('readFile', () => {
  let fixture: Fixture
  beforeAll(async () => {
    fixture = await createFixture({
      'a.txt': 'hello',
      empty: '',
      euro: '€€',
      bom: '\ufeffx',
      binary: Uint8Array.from([0xff, 0xfe, 0]),
      latin1: Uint8Array.from([0x63, 0xe9]),
      large: 'x'.repeat(2 ** 20 + 1),
    })
  })
  afterAll(async () => fixture.remove())

  const rows: readonly (readonly [args: Input, result: unknown])[] = [
    [{ path: 'a.txt' }, done({ content: 'hello', encoding: 'utf8', size: 5 })],
    [{ path: 'empty' }, done({ content: '', encoding: 'utf8', size: 0 })],
    [{ path: 'bom' }, done({ content: '\ufeffx', encoding: 'utf8', size: 4 })],
    [{ path: 'a.txt', encoding: 'base64' }, done({ content: 'aGVsbG8=', encoding: 'base64', size: 5 })],
    [{ path: 'a.txt', offset: 1, length: 3 }, done({ content: 'ell', encoding: 'utf8', size: 5, next_offset: 4 })],
    [{ path: 'a.txt', offset: 5 }, done({ content: '', encoding: 'utf8', size: 5 })],
    [{ path: 'a.txt', offset: 6 }, faultOf('invalid_range')],
    [{ path: 'euro', length: 5 }, done({ content: '€', encoding: 'utf8', size: 6, next_offset: 3 })],
    [{ path: 'euro', length: 2 }, done({ content: base64([0xe2, 0x82]), encoding: 'base64', size: 6, next_offset: 2 })],
    [
      { path: 'euro', offset: 1 },
      done({ content: base64([0x82, 0xac, 0xe2, 0x82, 0xac]), encoding: 'base64', size: 6 }),
    ],
    [{ path: 'binary' }, done({ content: base64([0xff, 0xfe, 0]), encoding: 'base64', size: 3 })],
    [{ path: 'latin1' }, done({ content: base64([0x63, 0xe9]), encoding: 'base64', size: 2 })],
    [
      { path: 'large' },
      done({ content: 'x'.repeat(2 ** 20), encoding: 'utf8', size: 2 ** 20 + 1, next_offset: 2 ** 20 }),
    ],
    [{ path: 'none' }, faultOf('not_found')],
  ]
  test.each(rows)('%j', async (args, result) => {
    expect(await resultOf(readFile.run(args, capabilities(fixture.everything)))).toEqual(result)
  })
})
