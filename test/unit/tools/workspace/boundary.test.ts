import { describe, expect, test } from '@jest/globals'
import type { Confine } from '../../../../src/model/decision.ts'
import { createBoundary } from '../../../../src/tools/workspace/boundary.ts'
import { confineTo, EVERYTHING } from './fixture.ts'

type Row = readonly [title: string, obligations: readonly Confine[], path: string, open: string]

const docs = confineTo({ read: [['docs', 'team']], write: [['docs', 'team', 'drafts']], never: ['.env'] })
const own = confineTo({ read: [['users', 'alice']], write: [] })

describe('createBoundary', () => {
  // r: readable, w: writable, l: listable
  const rows: readonly Row[] = [
    ['no obligation opens nothing', [], 'docs', '-'],
    ['no obligation opens not even the root', [], '', '-'],
    ['an obligation without prefixes opens nothing', [confineTo({})], '', '-'],
    ['the empty prefix is everything', [EVERYTHING], 'any/where', 'rwl'],
    ['below the prefix', [docs], 'docs/team/a.txt', 'rl'],
    ['the prefix itself', [docs], 'docs/team', 'rl'],
    ['above the prefix', [docs], 'docs', 'l'],
    ['the root above a prefix', [docs], '', 'l'],
    ['beside the prefix', [docs], 'docs/other', '-'],
    ['a sibling with the prefix as string prefix', [docs], 'docs/team-evil/a', '-'],
    ['below a write prefix', [docs], 'docs/team/drafts/a', 'rwl'],
    ['a never name', [docs], 'docs/team/.env', '-'],
    ['below a never name', [docs], 'docs/team/.env/a/b', '-'],
    ['a never name as part of a name', [docs], 'docs/team/.env.example', 'rl'],
    [
      'an innocent name that begins like a closed one',
      [confineTo({ read: [[]], never: ['secret'] })],
      'secretary',
      'rl',
    ],
    ['a prefix below a never name', [confineTo({ read: [['a', '.git', 'b']], never: ['.git'] })], 'a', '-'],
    ['an unfinished write', [EVERYTHING], 'docs/.portcullis-00ff', '-'],
    ['two obligations intersect: both open', [EVERYTHING, docs], 'docs/team/a', 'rl'],
    ['two obligations intersect: one open', [EVERYTHING, docs], 'docs/other', '-'],
    ['two obligations intersect: never unites', [docs, confineTo({ read: [[]], never: ['x'] })], 'docs/team/x', '-'],
    ['two obligations intersect: nothing in common', [docs, own], 'docs/team/a', '-'],
    ['two obligations intersect: nothing to be on the way to', [docs, own], '', '-'],
    [
      'three obligations intersect',
      [EVERYTHING, docs, confineTo({ read: [['docs', 'team', 'b']] })],
      'docs/team/a',
      '-',
    ],
    ['a prefix with dots opens nothing', [confineTo({ read: [['..']] })], 'a', '-'],
  ]
  test.each(rows)('%s', (_, obligations, path, open) => {
    const boundary = createBoundary(obligations)
    const segments = path === '' ? [] : path.split('/')
    const letters = `${boundary.readable(segments) ? 'r' : ''}${boundary.writable(segments) ? 'w' : ''}${boundary.listable(segments) ? 'l' : ''}`
    expect(letters === '' ? '-' : letters).toBe(open)
  })
})
