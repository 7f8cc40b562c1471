import { describe, expect, test } from '@jest/globals'
import { placesFor } from '../../../../src/pap/diff/places.ts'
import type { Prefix } from '../../../../src/pap/diff/policy-data.ts'

const PEOPLE = { self: 'alice', other: 'bob' }
const placed = (prefixes: readonly Prefix[], names: readonly string[]) =>
  placesFor(prefixes, names, PEOPLE).map((path) => `/${path.join('/')}`)

describe('representative places', () => {
  test('without any prefix: nowhere in particular', () => {
    expect(placed([], ['.env'])).toEqual(['/', '/a.txt', '/elsewhere', '/.env', '/elsewhere/a.txt'])
  })

  test('at, inside, above, beside, like it, and closed', () => {
    expect(placed([['a', 'b']], ['.env']).toSorted()).toEqual(
      [
        ...['/', '/a.txt', '/elsewhere', '/.env', '/elsewhere/a.txt'],
        ...['/a/b', '/a/b/a.txt', '/a/b/.profile', '/a/b/folder/a.txt', '/a'],
        ...['/a/elsewhere/a.txt', '/a/bx/a.txt', '/a/B/a.txt', '/a/b/.env', '/a/b/.env/a.txt'],
      ].toSorted(),
    )
  })

  test('own folders are those of the caller and of somebody else', () => {
    const places = placed([['users', { subject: 'id' }]], [])
    for (const place of ['/users/alice', '/users/bob', '/users/alice/a.txt', '/users/bob/a.txt']) {
      expect(places).toContain(place)
    }
  })

  test('no place is one that no call could name', () => {
    expect(placed([['a', '..'], ['b/c']], ['']).filter((place) => /\.\.|b\/c|\/\//.test(place))).toEqual([])
  })
})
