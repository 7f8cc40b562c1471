import { describe, expect, test } from '@jest/globals'
import type { Decided, Decision } from '../../../../src/model/decision.ts'
import type { PolicyInput } from '../../../../src/model/input.ts'
import { addRole, addScopes, pathCandidates, prefixesIn } from '../../../../src/pap/explain/changes.ts'
import { searchChanges } from '../../../../src/pap/explain/search.ts'
import { ask, readFile, writeFile } from './question.ts'

const deny: Decision = { effect: 'deny', visible: true, reasons: [], scopes: [], limits: [], obligations: [] }
const rolesOf = ({ subject }: PolicyInput) => subject.properties.roles
const scopesOf = ({ subject }: PolicyInput) => subject.properties.scopes
const decideBy =
  (holds: (input: PolicyInput) => boolean) =>
  (input: PolicyInput): Decided => ({ ...deny, effect: holds(input) ? 'permit' : 'deny' })

const question = ask({ roles: [], scopes: [] })
const roles = ['a', 'b', 'c'].map(addRole)
const scopes = [addScopes(['s'])]

describe('the search for changes', () => {
  test('one alone, and nothing that contains it', () => {
    const decide = decideBy((input) => rolesOf(input).includes('b'))
    expect(searchChanges(decide, question, [roles, scopes])).toEqual({
      permitted_with: [[{ change: 'role', add: 'b' }]],
      tried: 6,
      complete: true,
    })
  })

  test('two together, beside one alone', () => {
    const decide = decideBy(
      (input) => rolesOf(input).includes('a') || (rolesOf(input).includes('c') && scopesOf(input).includes('s')),
    )
    expect(searchChanges(decide, question, [roles, scopes]).permitted_with).toEqual([
      [{ change: 'role', add: 'a' }],
      [
        { change: 'role', add: 'c' },
        { change: 'scope', add: ['s'] },
      ],
    ])
  })

  test('nothing that contains what breaks the evaluation', () => {
    const asked: string[] = []
    const decide = (input: PolicyInput): Decided => {
      asked.push([...rolesOf(input), ...scopesOf(input)].join('+'))
      return rolesOf(input).includes('b') ? { effect: 'indeterminate', code: 'no_decision', cause: 'broken' } : deny
    }
    searchChanges(decide, question, [roles, scopes])
    expect(asked).toEqual(['a', 'b', 'c', 's', 'a+s', 'c+s'])
  })

  test('ends, and says that it did', () => {
    const many = Array.from({ length: 20_000 }, (_, n) => addRole(`r${n}`))
    expect(
      searchChanges(
        decideBy(() => false),
        question,
        [many],
      ),
    ).toEqual({
      permitted_with: [],
      tried: 10_000,
      complete: false,
    })
  })

  test('names no more than a person compares', () => {
    const many = Array.from({ length: 30 }, (_, n) => addRole(`r${n}`))
    const { permitted_with, complete } = searchChanges(
      decideBy(() => true),
      question,
      [many],
    )
    expect({ found: permitted_with.length, complete }).toEqual({ found: 20, complete: false })
  })
})

describe('a path', () => {
  const applied = (input: PolicyInput, prefixes: readonly (readonly string[])[]) =>
    pathCandidates(input, prefixes).map(({ change, apply }) => {
      const { properties } = apply(input).resource
      return [change, properties.paths?.map(({ segments }) => segments), properties.arguments]
    })

  test('keeps its name below another prefix, or loses one of its names, in the arguments too', () => {
    expect(applied(ask({ resource: readFile('docs', '.env') }), [['public'], []])).toEqual([
      [{ change: 'path', argument: '/path', below: '/public' }, [['public', '.env']], { path: '/public/.env' }],
      [{ change: 'path', argument: '/path', below: '/' }, [['.env']], { path: '/.env' }],
      [{ change: 'path', argument: '/path', without: 'docs' }, [['example', '.env']], { path: '/example/.env' }],
      [{ change: 'path', argument: '/path', without: '.env' }, [['docs', 'example']], { path: '/docs/example' }],
    ])
  })

  test('in a list stands at its place', () => {
    const { resource } = readFileAt('/from/1')
    expect(applied(ask({ resource }), [['b']])[0]).toEqual([
      { change: 'path', argument: '/from/1', below: '/b' },
      [['b', 'a']],
      { from: ['x', '/b/a'] },
    ])
  })

  const readFileAt = (argument: string) => {
    const { properties, ...resource } = readFile('a')
    const paths = [{ argument, segments: ['a'], access: 'read' as const }]
    return { resource: { ...resource, properties: { ...properties, paths, arguments: { from: ['x', 'a'] } } } }
  }

  test('that is masked stays masked', () => {
    const { properties, ...resource } = writeFile('a')
    const { arguments: _, ...rest } = properties
    expect(applied(ask({ resource: { ...resource, properties: rest } }), [['b']])[0]?.[2]).toBeUndefined()
  })

  test('prefixes are those of every role, the own folder written out, each once', () => {
    const roles = {
      a: { paths: { read: [['public'], ['users', { subject: 'id' }]], write: [['public']] } },
      b: { paths: { read: [[], ['x', { tenant: 'id' }]] } },
      c: {},
    }
    expect(prefixesIn({ mcp: { roles } }, ask().subject)).toEqual([['public'], ['users', 'alice'], []])
  })
})
