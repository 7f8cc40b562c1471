import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type ConditionReader, createConditionReader } from '../../../../src/pap/explain/conditions.ts'
import type { Condition } from '../../../../src/pap/explain/explanation.ts'
import { readFrames } from '../../../../src/pap/explain/frames.ts'
import { readLines } from '../../../../src/pap/explain/sources.ts'
import { type Traced, traceRules } from '../../../../src/pap/explain/trace.ts'
import { findOpa, writeTree } from '../../../policy/tools.ts'
import { ask } from './question.ts'

type Row = {
  readonly what: string
  /** Lines from the third on; the package stands on the first. */
  readonly rule: string
  readonly bodies: readonly unknown[]
}

/** What `short` makes of a condition. */
const at = (line: number | string, text: string, ...causes: readonly unknown[]) =>
  causes.length === 0 ? `${line} ${text}` : [`${line} ${text}`, ...causes]

const ROWS: Readonly<Record<string, Row>> = {
  indexed: {
    what: 'a body that the index of OPA would skip',
    rule: 'permit contains "x" if {\n\tinput.action.name == "tools/list"\n\tinput.subject.id == "alice"\n}',
    bodies: [{ held: 0, failed: at(4, 'input.action.name == "tools/list" | input.action.name="tools/call"') }],
  },
  second: {
    what: 'a condition after others that held',
    rule: 'permit contains "x" if {\n\tinput.subject.id == "alice"\n\tinput.context.bytes > 1000\n}',
    bodies: [{ held: 1, failed: at(5, 'input.context.bytes > 1000 | input.context.bytes=312') }],
  },
  undefined_member: {
    what: 'an attribute that is not there',
    rule: 'permit contains "x" if input.resource.properties.owner == input.subject.id',
    bodies: [
      {
        held: 0,
        failed: at(
          3,
          'permit contains "x" if input.resource.properties.owner == input.subject.id | input.resource.properties.owner undefined, input.subject.id="alice"',
        ),
      },
    ],
  },
  iterated: {
    what: 'of an iteration the binding that came furthest',
    rule: 'permit contains "x" if {\n\tsome role in ["none", "user", "other"]\n\trole in input.subject.properties.roles\n\tlower(role) == "admin"\n}',
    bodies: [{ held: 2, failed: at(6, 'lower(role) == "admin" | role="user"') }],
  },
  tried: {
    what: 'how many bindings failed at one place',
    rule: 'permit contains "x" if {\n\tsome n in [1, 2, 3]\n\tn > 5\n}',
    bodies: [{ held: 1, failed: at(5, 'n > 5 ×3 | n=1') }],
  },
  helper: {
    what: 'why a helper is undefined, in each of its bodies',
    rule: 'permit contains "x" if _known\n\n_known if input.subject.id == "bob"\n\n_known if {\n\tinput.subject.type == "user"\n\tinput.context.hour < 8\n}',
    bodies: [
      {
        held: 0,
        failed: at(
          3,
          'permit contains "x" if _known |',
          at(5, '_known if input.subject.id == "bob" | input.subject.id="alice"'),
          at(9, 'input.context.hour < 8 | input.context.hour=15'),
        ),
      },
    ],
  },
  cached: {
    what: 'why a helper is undefined that another rule has asked before',
    rule: 'deny contains "x" if _known\n\npermit contains "x" if _known\n\n_known if input.subject.id == "bob"',
    bodies: [
      {
        held: 0,
        failed: at(
          5,
          'permit contains "x" if _known |',
          at(7, '_known if input.subject.id == "bob" | input.subject.id="alice"'),
        ),
      },
    ],
  },
  negated: {
    what: 'what holds, of a negation that fails',
    rule: 'permit contains "x" if not _busy\n\n_busy if {\n\tinput.context.hour > 8\n\tinput.context.hour < 18\n}',
    bodies: [
      {
        held: 0,
        failed: at(
          3,
          '!permit contains "x" if not _busy |',
          at(6, 'input.context.hour > 8 | input.context.hour=15'),
          at(7, 'input.context.hour < 18 | input.context.hour=15'),
        ),
      },
    ],
  },
  held_negation: {
    what: 'what fails, of a negation that holds',
    rule: 'permit contains "x" if {\n\tinput.subject.id == "alice"\n\tnot _night\n}\n\n_night if input.context.hour < 6',
    bodies: [
      {
        held: 2,
        because: [
          at(4, 'input.subject.id == "alice" | input.subject.id="alice"'),
          at(5, '!not _night |', at(8, '_night if input.context.hour < 6 | input.context.hour=15')),
        ],
      },
    ],
  },
  function: {
    what: 'a function, with its else',
    rule: 'permit contains "x" if _rank(input.subject.type) > 3\n\n_rank(t) := 5 if {\n\tt == "admin"\n} else := 4 if {\n\tt == "agent"\n}',
    bodies: [
      {
        held: 0,
        failed: at(
          3,
          'permit contains "x" if _rank(input.subject.type) > 3 | input.subject.type="user"',
          at(6, 't == "admin" | t="user"'),
          at(8, 't == "agent" | t="user"'),
        ),
      },
    ],
  },
  every: {
    what: 'the element for which `every` fails',
    rule: 'permit contains "x" if {\n\tevery role in ["user", "guest"] {\n\t\trole != "guest"\n\t}\n}',
    bodies: [{ held: 0, failed: at(4, 'every role in ["user", "guest"] |', at(5, 'role != "guest" | role="guest"')) }],
  },
  comprehension: {
    what: 'a comprehension that comes out empty',
    rule: 'permit contains "x" if {\n\tcount([role | some role in input.subject.properties.roles; role != "user"]) > 0\n}',
    bodies: [
      {
        held: 0,
        failed: at(
          4,
          'count([role | some role in input.subject.properties.roles; role != "user"]) > 0 | input.subject.properties.roles=["user"]',
        ),
      },
    ],
  },
  builtin_error: {
    what: 'a builtin that fails',
    rule: 'permit contains "x" if to_number(input.subject.id) == 1',
    bodies: [
      { held: 0, failed: at(3, 'permit contains "x" if to_number(input.subject.id) == 1 | input.subject.id="alice"') },
    ],
  },
  bodies: {
    what: 'each body of a rule that has two',
    rule: 'permit contains "x" if input.subject.id == "bob"\n\npermit contains "x" if input.subject.id == "alice"',
    bodies: [
      { held: 0, failed: at(3, 'permit contains "x" if input.subject.id == "bob" | input.subject.id="alice"') },
      { held: 1, because: [at(5, 'permit contains "x" if input.subject.id == "alice" | input.subject.id="alice"')] },
    ],
  },
}

const short = ({ line, text, negated, tried, values, causes }: Condition): unknown => {
  const shown = values.map(({ term, value }) =>
    value === undefined ? `${term} undefined` : `${term}=${JSON.stringify(value)}`,
  )
  const times = tried === undefined ? '' : ` ×${tried}`
  const own = `${negated ? '!' : ''}${text}${times} | ${shown.join(', ')}`.trimEnd()
  return at(line, own, ...causes.map(short))
}

let tree: ReturnType<typeof writeTree>
let traced: Traced
let reader: ConditionReader
beforeAll(async () => {
  tree = writeTree(
    Object.fromEntries(
      Object.entries(ROWS).map(([name, { rule }]) => [`${name}.rego`, `package mcp.rules.cases.${name}\n\n${rule}\n`]),
    ),
  )
  const input = ask()
  traced = await traceRules({ root: tree.dir, opa: await findOpa(), input, withDecision: false })
  const lineOf = await readLines(
    tree.dir,
    Object.keys(ROWS).map((name) => `${name}.rego`),
  )
  reader = createConditionReader({ frames: readFrames(traced.events), lineOf, input: { ...input } as never })
})
afterAll(() => tree.remove())

describe('the condition that failed first:', () => {
  test.each(Object.entries(ROWS).map(([name, row]) => ({ name, ...row })))('$what', ({ name, bodies }) => {
    const found = reader.bodiesOf(`data.mcp.rules.cases.${name}.permit`)
    expect(
      found.map(({ held, failed, because }) => ({
        held,
        ...(failed && { failed: short(failed) }),
        ...(because.length > 0 && { because: because.map(short) }),
      })),
    ).toEqual(bodies)
  })

  test('each rule says where it stands', () => {
    const found = reader.bodiesOf('data.mcp.rules.cases.bodies.permit')
    expect(found.map(({ file, line }) => ({ file, line }))).toEqual([
      { file: 'bodies.rego', line: 3 },
      { file: 'bodies.rego', line: 5 },
    ])
  })

  test('a rule that is none has no bodies', () => {
    expect(reader.bodiesOf('data.mcp.rules.cases.none.permit')).toEqual([])
  })
})

describe('the trace', () => {
  test('reports what each rule said', () => {
    const fired = traced.report.filter(({ said }) => said.length > 0)
    expect(fired.map(({ kind, rule }) => `${kind} ${rule}`).toSorted()).toEqual([
      'permit rules.cases.bodies',
      'permit rules.cases.held_negation',
    ])
  })

  test('says where an evaluation broke', async () => {
    const broken = writeTree({
      'a.rego': 'package mcp.rules.a.b\n\npermit contains "x" if _c == 1\n\n_c := 1\n\n_c := 2\n',
    })
    const { report, faults } = await traceRules({
      root: broken.dir,
      opa: await findOpa(),
      input: ask(),
      withDecision: false,
    })
    broken.remove()
    expect({ report, faults }).toEqual({
      report: [],
      faults: [
        {
          file: 'a.rego',
          line: 7,
          message: expect.stringContaining('eval_conflict_error: rule data.mcp.rules.a.b._c'),
          remedy: 'Correct the policy; `portcullis check` shows the same',
        },
      ],
    })
  })

  test('says why there is none', async () => {
    const broken = writeTree({ 'a.rego': 'package mcp.rules.a.b\n\npermit contains "x" if none(1)\n' })
    const { events, faults } = await traceRules({
      root: broken.dir,
      opa: await findOpa(),
      input: ask(),
      withDecision: false,
    })
    broken.remove()
    expect({ events, places: faults.map(({ file, line }) => ({ file, line })) }).toEqual({
      events: [],
      places: [{ file: 'a.rego', line: 3 }],
    })
  })
})
