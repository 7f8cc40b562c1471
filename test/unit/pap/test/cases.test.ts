import { writeFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from '@jest/globals'
import { createCaseReader } from '../../../../src/pap/test/case-files.ts'
import { writeTree } from '../../../policy/tools.ts'

const removals: (() => void)[] = []
afterEach(() => {
  for (const remove of removals.splice(0)) remove()
})

const read = (files: Readonly<Record<string, string>>, folder = 'cases') => {
  const { dir, remove } = writeTree(files)
  removals.push(remove)
  return createCaseReader({ casesDir: `${dir}/${folder}`, root: dir }).read()
}
const readOne = async (text: string) => {
  const cases = await read({ 'cases/f.yaml': text })
  if (!cases.ok) throw new Error(JSON.stringify(cases.error))
  return cases.value
}

const NAMES = `
subjects: { alice: { id: alice }, bob: { id: bob } }
resources:
  read: { type: tool, id: read, properties: { server: s } }
  write: { type: tool, id: write, properties: { arguments: { a: 1 } } }
`

describe('a case', () => {
  test('has its names written out, and its own context before that of the file', async () => {
    const [one, ...others] = await readOne(`
context: { bytes: 1, era: legacy }${NAMES}
cases:
  - note: by name
    subject: alice
    action: tools/call
    resource: read
    arguments: { a: 1 }
    paths: [{ segments: [x] }]
    context: { bytes: 2 }
    want: { effect: deny, limits: [l, { name: m, burst: 3 }] }
`)
    expect(others).toEqual([])
    expect(one).toEqual({
      file: 'cases/f.yaml',
      line: 9,
      name: 'by name',
      input: {
        subject: { id: 'alice' },
        action: { name: 'tools/call' },
        resource: {
          type: 'tool',
          id: 'read',
          properties: { server: 's', arguments: { a: 1 }, paths: [{ segments: ['x'] }] },
        },
        context: { bytes: 2, era: 'legacy' },
      },
      want: { effect: 'deny', limits: ['l', { name: 'm', burst: 3 }] },
    })
  })

  test('is its whole input, whatever that is', async () => {
    const cases = await readOne(`cases: [{ note: n, input: [1], skip: why, want: { codes: [] } }]`)
    expect(cases).toEqual([{ file: 'cases/f.yaml', line: 1, name: 'n', input: [1], want: { codes: [] }, skip: 'why' }])
  })

  const clock = { unix: 1_772_319_599, weekday: 6, hour: 22, minute: 59 }
  const times: readonly { name: string; text: string; context: object }[] = [
    {
      name: 'fills all that the context says of a moment, in UTC',
      text: 'time: "2026-02-28T23:59:59.5+01:00"',
      context: { time: '2026-02-28T22:59:59.500Z', ...clock },
    },
    {
      name: 'gives way to what the context names',
      text: 'time: "2026-02-28T22:59:59Z"\n    context: { hour: 3 }',
      context: { time: '2026-02-28T22:59:59.000Z', ...clock, hour: 3 },
    },
    {
      name: 'of a file holds for a case without one',
      text: 'skip: s',
      context: { time: '2026-03-01T00:00:00.000Z', unix: 1_772_323_200, weekday: 7, hour: 0, minute: 0 },
    },
  ]
  test.each(times)('the time $name', async ({ text, context }) => {
    const [one] = await readOne(`
time: "2026-03-01T00:00:00Z"${NAMES}
cases:
  - note: n
    subject: alice
    action: a
    resource: read
    ${text}
    want: { effect: deny }
`)
    expect(one?.input).toHaveProperty('context', context)
  })

  test('has the data of its file and its own', async () => {
    const [one] = await readOne(
      'data: { a: 1, b: 1 }\ncases: [{ note: n, input: 1, data: { b: 2 }, want: { codes: [] } }]',
    )
    expect(one?.data).toEqual({ a: 1, b: 2 })
  })
})

test('one file is read by itself', async () => {
  const cases = await read({ 'one.yaml': 'cases: [{ note: n, input: 1, want: { codes: [] } }]' }, 'one.yaml')
  expect(cases).toMatchObject({ ok: true, value: [{ file: 'one.yaml', name: 'n' }] })
})

describe('a table', () => {
  const permitted: readonly { name: string; permitted: string; pairs: readonly string[] }[] = [
    { name: 'nothing', permitted: '{}', pairs: [] },
    { name: 'by resource', permitted: '{ alice: [read] }', pairs: ['alice, x, read', 'alice, y, read'] },
    {
      name: 'by action',
      permitted: '{ alice: { x: [read], y: all }, bob: { x: [write] } }',
      pairs: ['alice, x, read', 'alice, y, read', 'alice, y, write', 'bob, x, write'],
    },
    {
      name: 'everything to one',
      permitted: '{ bob: all }',
      pairs: ['bob, x, read', 'bob, x, write', 'bob, y, read', 'bob, y, write'],
    },
  ]
  test.each(permitted)('asks every pair, and wants those denied that it does not permit: $name', async (row) => {
    const cases = await readOne(`${NAMES}
cases:
  - note: t
    table: { actions: [x, y], subjects: [alice, bob], resources: [read, write], permitted: ${row.permitted} }
`)
    expect(cases).toHaveLength(8)
    expect(cases.filter(({ want }) => want.effect === 'permit').map(({ name }) => name)).toEqual(
      row.pairs.map((pair) => `t: ${pair}`),
    )
    expect(cases.filter(({ want }) => want.effect === 'deny')).toHaveLength(8 - row.pairs.length)
  })

  test('gives its arguments to each resource', async () => {
    const [, second] = await readOne(`${NAMES}
cases:
  - note: t
    table: { actions: [x], subjects: [bob], resources: [read, write], permitted: {} }
    arguments: { b: 2 }
`)
    expect(second).toEqual({
      file: 'cases/f.yaml',
      line: 8,
      name: 't: bob, x, write',
      input: {
        subject: { id: 'bob' },
        action: { name: 'x' },
        resource: { type: 'tool', id: 'write', properties: { arguments: { b: 2 } } },
        context: {},
      },
      want: { effect: 'deny' },
    })
  })
})

describe('fixtures', () => {
  const CASE = 'cases: [{ note: n, subject: alice, action: a, resource: read, want: { effect: deny } }]'

  test('of another file are known, and that file is no file of cases', async () => {
    const cases = await read({
      'cases/f.yaml': `fixtures: [shared.yaml, ../above.yaml]\ncontext: { bytes: 3 }\n${CASE}`,
      'cases/shared.yaml': 'context: { bytes: 1, era: modern }\nsubjects: { alice: { id: alice } }',
      'above.yaml': 'resources: { read: { id: read } }',
    })
    expect(cases).toMatchObject({
      ok: true,
      value: [{ input: { subject: { id: 'alice' }, resource: { id: 'read' }, context: { bytes: 3, era: 'modern' } } }],
    })
  })

  test('are read again when they change', async () => {
    const { dir, remove } = writeTree({
      'cases/f.yaml': 'fixtures: [../g.yaml]\ncases: [{ note: n, input: 1, want: { codes: [] } }]',
      'g.yaml': 'data: { a: 1 }',
    })
    removals.push(remove)
    const { read: again, fixtures } = createCaseReader({ casesDir: `${dir}/cases`, root: dir })
    expect(await again()).toMatchObject({ ok: true, value: [{ data: { a: 1 } }] })
    writeFileSync(`${dir}/g.yaml`, 'data: { a: 2 }')
    expect(await again()).toMatchObject({ ok: true, value: [{ data: { a: 2 } }] })
    expect(fixtures()).toEqual([`${dir}/g.yaml`])
  })

  test('that define a name twice are refused', async () => {
    const cases = await read({
      'cases/f.yaml': `fixtures: [../g.yaml]\nsubjects:\n  alice: {}\n${CASE}`,
      'g.yaml': 'subjects: { alice: {} }\nresources: { read: {} }',
    })
    expect(cases).toEqual({
      ok: false,
      error: [
        {
          file: 'cases/f.yaml',
          line: 3,
          message: '"alice" stands among the subjects of g.yaml already',
          remedy: 'Give it another name, or use the one that is there',
        },
      ],
    })
  })

  test('that are not there are refused', async () => {
    const cases = await read({ 'cases/f.yaml': `fixtures: [g.yaml]\n${CASE}` })
    expect(cases).toMatchObject({ ok: false, error: [{ file: 'cases/g.yaml', message: 'cannot be read' }] })
  })
})

describe('is refused, with its line:', () => {
  const table = (permitted: string, subjects = '[alice]') =>
    `${NAMES}cases:\n  - note: t\n    table: { actions: [x], subjects: ${subjects}, resources: [read], permitted: ${permitted} }`
  const rows: readonly { name: string; text: string; line: number; message: string }[] = [
    {
      name: 'an unknown subject',
      text: `${NAMES}cases:\n  - { note: n, subject: alise, action: a, resource: read, want: { codes: [] } }`,
      line: 7,
      message: 'case "n" names the unknown subject alise; alice is known',
    },
    {
      name: 'a table that permits what it does not ask',
      text: table('{ alice: [write] }'),
      line: 7,
      message: 'case "t" permits write, which is none of its resources',
    },
    {
      name: 'a table that permits to a stranger',
      text: table('{ bob: all }'),
      line: 7,
      message: 'case "t" permits bob, which is none of its subjects',
    },
    {
      name: 'a table that permits another action',
      text: table('{ alice: { y: all } }'),
      line: 7,
      message: 'case "t" permits y, which is none of its actions',
    },
    {
      name: 'a table of unknown subjects',
      text: table('{}', '[carol]'),
      line: 7,
      message: 'case "t" names the unknown subject carol',
    },
    { name: 'no cases', text: 'cases: []', line: 1, message: '"cases" must be a list with at least 1 element' },
    { name: 'a wish for nothing', text: 'cases:\n  - note: n\n    input: 1', line: 2, message: '"want" is missing' },
    {
      name: 'a mistyped member',
      text: 'cases:\n  - note: n\n    input: 1\n    want:\n      efect: deny',
      line: 5,
      message: '"efect" is nothing that can stand here; "effect" is',
    },
    {
      name: 'an effect that is none',
      text: 'cases:\n  - note: n\n    input: 1\n    want: { effect: allow }',
      line: 4,
      message: '"effect" must be permit, or deny',
    },
    {
      name: 'a time that is none',
      text: 'time: "2026-02-30T00:00:00Z"\ncases: [{ note: n, input: 1, want: { codes: [] } }]',
      line: 1,
      message: '"time" must be a time like 2026-11-22T15:44:00Z',
    },
    {
      name: 'a name given twice',
      text: 'cases:\n  - { note: n, input: 1, want: { codes: [] } }\n  - { note: n, input: 2, want: { codes: [] } }',
      line: 3,
      message: 'case "n" has the name of the one in line 2',
    },
    {
      name: 'a merge, which would be taken for an attribute',
      text: 'subjects:\n  a: &a { id: a }\n  b:\n    <<: *a\ncases: [{ note: n, input: 1, want: { codes: [] } }]',
      line: 4,
      message: '"<<" merges nothing in YAML 1.2',
    },
    {
      name: 'what is no YAML',
      text: 'cases: [',
      line: 1,
      message: expect.stringContaining('Flow sequence') as unknown as string,
    },
  ]
  test.each(rows)('$name', async ({ text, line, message }) => {
    const cases = await read({ 'cases/f.yaml': text })
    expect(cases.ok ? [] : cases.error.map((fault) => [fault.file, fault.line, fault.message])).toEqual([
      ['cases/f.yaml', line, message],
    ])
  })

  test('a folder that is not there, or has no cases', async () => {
    expect(await read({ 'a.yaml': '' })).toMatchObject({
      ok: false,
      error: [{ file: 'cases', message: 'there is no such folder or file' }],
    })
    expect(await read({ 'cases/a.txt': '' })).toMatchObject({
      ok: false,
      error: [{ message: 'there are no YAML files in this folder' }],
    })
  })
})
