import { describe, expect, test } from '@jest/globals'
import { readActors } from '../../../src/pip/token-actors.ts'
import { ISSUER } from './signing.ts'

/** A chain of so many, the nearest first. */
const chain = (length: number): object => {
  let act: object | undefined
  for (let n = length; n > 0; n--) act = { sub: `a${n}`, ...(act !== undefined && { act }) }
  return act === undefined ? {} : { act }
}

describe('who acts', () => {
  test.each<{ name: string; claims: object; actors: readonly object[] }>([
    { name: 'nobody else', claims: {}, actors: [] },
    { name: 'may_act says nothing', claims: { may_act: { sub: 'agent' } }, actors: [] },
    { name: 'one', claims: { act: { sub: 'agent' } }, actors: [{ id: 'agent', issuer: ISSUER }] },
    {
      name: 'one of another issuer',
      claims: { act: { sub: 'agent', iss: 'https://agents.example' } },
      actors: [{ id: 'agent', issuer: 'https://agents.example' }],
    },
    {
      name: 'several, nearest first',
      claims: { act: { sub: 'last', act: { sub: 'before', iss: 'https://agents.example', act: { sub: 'first' } } } },
      actors: [
        { id: 'last', issuer: ISSUER },
        { id: 'before', issuer: 'https://agents.example' },
        { id: 'first', issuer: ISSUER },
      ],
    },
    {
      name: 'five, with claims that are no identity left out',
      claims: { act: { sub: 'x', exp: 1, aud: 'y', roles: ['admin'], may_act: { sub: 'z' }, ...chain(4) } },
      actors: ['x', 'a1', 'a2', 'a3', 'a4'].map((id) => ({ id, issuer: ISSUER })),
    },
  ])('$name', ({ claims, actors }) => {
    expect(readActors(claims as Record<string, unknown>, ISSUER)).toEqual({ ok: true, value: actors })
  })

  test.each<{ name: string; act: unknown }>([
    { name: 'null', act: null },
    { name: 'a name', act: 'agent' },
    { name: 'a list', act: [{ sub: 'agent' }] },
    { name: 'without sub', act: { client_id: 'agent' } },
    { name: 'an empty sub', act: { sub: '' } },
    { name: 'a sub that is a number', act: { sub: 5 } },
    { name: 'a sub that turns the text', act: { sub: 'a\u202eb' } },
    { name: 'a sub of 257 characters', act: { sub: 'a'.repeat(257) } },
    { name: 'sub __proto__', act: { sub: '__proto__' } },
    { name: 'an issuer that is no string', act: { sub: 'agent', iss: {} } },
    { name: 'an empty issuer', act: { sub: 'agent', iss: '' } },
    { name: 'malformed further on', act: { sub: 'agent', act: { sub: 'b', act: null } } },
    { name: 'an inherited sub', act: Object.create({ sub: 'agent' }) },
    { name: 'six', act: (chain(6) as { act: unknown }).act },
  ])('that cannot be said: $name', ({ act }) => {
    expect(readActors({ act }, ISSUER)).toEqual({ ok: false, error: 'malformed_actors' })
  })
})
