import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { CATALOGUE } from './catalogue.ts'

const FOLDER = new URL('./', import.meta.url)

/**
 * The entries that the attack catalogue gives the first priority, of the areas that are served today; of D every
 * entry that concerns bundles, reload and data.
 */
const FIRST_PRIORITY: Readonly<Record<string, readonly number[]>> = {
  A: [3, 4, 9, 11, 13, 14, 17, 25, 26, 27, 30, 32, 33, 34, 38, 39, 41, 45, 47, 50, 56],
  B: [6, 7, 9, 10, 14, 21, 25, 27, 30, 31, 33, 35, 38, 40, 41, 44, 50],
  C: [
    1, 2, 4, 6, 7, 11, 13, 14, 16, 18, 21, 23, 25, 27, 28, 33, 35, 37, 38, 41, 43, 45, 46, 47, 51, 53, 54, 57, 58, 62,
    64, 68, 69, 72, 74, 75, 77, 78, 79,
  ],
  D: [2, 3, 5, 8, 10, 11, 14, 16, 18, 19, 20, 21, 22, 23, 24, 25, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 40],
  E: [2, 5, 9, 14, 15, 16, 18, 19, 22],
}

/** Ids of the attacks that a test file makes. */
const attacksIn = (file: string): readonly string[] =>
  [...readFileSync(new URL(file, FOLDER), 'utf8').matchAll(/\battack\(\s*'([A-Z]-\d{3})'/g)].map(([, id]) => id ?? '')

const made = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.test.ts') && name !== 'catalogue.test.ts')
  .flatMap((file) => attacksIn(file).map((id) => `${id} in ${file}`))

describe('the attack catalogue', () => {
  test('holds every entry of first priority', () => {
    const wanted = Object.entries(FIRST_PRIORITY).flatMap(([area, numbers]) =>
      numbers.map((number) => `${area}-${String(number).padStart(3, '0')}`),
    )
    const held = new Set(CATALOGUE.map(({ id }) => id))
    expect(wanted.filter((id) => !held.has(id))).toEqual([])
  })

  test('says of every entry either where it is tried or why that has to wait', () => {
    const undecided = CATALOGUE.filter(({ test, later }) => (test === undefined) === (later === undefined))
    expect(undecided).toEqual([])
    expect(CATALOGUE.filter(({ later }) => later === '')).toEqual([])
  })

  test('names each id once', () => {
    const ids = CATALOGUE.map(({ id }) => id)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
  })

  test('is tried as it says, and nothing else is', () => {
    const said = CATALOGUE.flatMap(({ id, test }) => (test === undefined ? [] : [`${id} in ${test}`]))
    expect([...new Set(made)].sort()).toEqual(said.toSorted())
  })
})
