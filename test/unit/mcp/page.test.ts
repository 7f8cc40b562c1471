import { describe, expect, test } from '@jest/globals'
import { pageOf } from '../../../src/mcp/page.ts'

const cursorAt = (id: string) => Buffer.from(id).toString('base64url')
const SHOWN = ['a', 'b', 'c', 'd', 'e']

describe('pageOf', () => {
  test('walks over everything once, in order', () => {
    expect(pageOf(SHOWN, undefined, 2)).toEqual({ ok: true, value: { ids: ['a', 'b'], nextCursor: cursorAt('b') } })
    expect(pageOf(SHOWN, cursorAt('b'), 2)).toEqual({ ok: true, value: { ids: ['c', 'd'], nextCursor: cursorAt('d') } })
    expect(pageOf(SHOWN, cursorAt('d'), 2)).toEqual({ ok: true, value: { ids: ['e'] } })
  })

  test('goes on after the same item when others came or went meanwhile', () => {
    expect(pageOf(['b', 'c', 'x', 'd'], cursorAt('b'), 2)).toEqual({
      ok: true,
      value: { ids: ['c', 'x'], nextCursor: cursorAt('x') },
    })
  })

  test.each(['', 'hidden', 'b!', '__proto__'])('a cursor that names nothing shown is refused: %j', (id) => {
    expect(pageOf(SHOWN, cursorAt(id), 2)).toEqual({ ok: false, error: 'cursor' })
  })

  test('nothing shown is one empty page', () => {
    expect(pageOf([], undefined)).toEqual({ ok: true, value: { ids: [] } })
  })
})
