import { expect, test } from '@jest/globals'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { sarifLog } from '../../../../src/cli/format/sarif.ts'
import type { Finding } from '../../../../src/model/finding.ts'

/** What SARIF 2.1.0 requires of the parts that are written, closed so that nothing else is. */
const closed = { additionalProperties: false }
const Text = Type.Object({ text: Type.String({ minLength: 1 }) }, closed)
const Location = Type.Object(
  {
    physicalLocation: Type.Object(
      {
        artifactLocation: Type.Object(
          { uri: Type.String({ pattern: '^(?![a-z]+:|/)[^ ]+$' }), uriBaseId: Type.Literal('SRCROOT') },
          closed,
        ),
        region: Type.Optional(Type.Object({ startLine: Type.Integer({ minimum: 1 }) }, closed)),
      },
      closed,
    ),
  },
  closed,
)
const Result = Type.Object(
  {
    ruleId: Type.String(),
    ruleIndex: Type.Integer({ minimum: 0 }),
    level: Type.Union(['none', 'note', 'warning', 'error'].map((level) => Type.Literal(level))),
    message: Text,
    locations: Type.Optional(Type.Array(Location, { minItems: 1 })),
  },
  closed,
)
const Log = Type.Object(
  {
    $schema: Type.String({ pattern: 'sarif-schema-2\\.1\\.0\\.json$' }),
    version: Type.Literal('2.1.0'),
    runs: Type.Array(
      Type.Object(
        {
          tool: Type.Object({
            driver: Type.Object(
              {
                name: Type.String(),
                semanticVersion: Type.String(),
                rules: Type.Array(Type.Object({ id: Type.String(), shortDescription: Text }, closed), {
                  uniqueItems: true,
                }),
              },
              closed,
            ),
          }),
          originalUriBaseIds: Type.Object({ SRCROOT: Type.Object({ description: Text }, closed) }, closed),
          results: Type.Array(Result),
        },
        closed,
      ),
      { minItems: 1, maxItems: 1 },
    ),
  },
  closed,
)

const logOf = (findings: readonly Finding[], root: string): Static<typeof Log> => {
  const log: unknown = JSON.parse(sarifLog(findings, root, '1.2.3'))
  expect(Value.Errors(Log, log)).toEqual([])
  return Value.Parse(Log, log)
}

const finding: Finding = {
  check: 'opa-fmt',
  level: 'error',
  file: 'a b/ü.rego',
  line: 3,
  message: 'is bad',
  remedy: 'Mend it',
}

test('every result names its rule, by id and by index, and a file relative to the repository', () => {
  const { file: _file, line: _line, ...nowhere } = finding
  const [run] = logOf([finding, { ...nowhere, check: 'data-place', level: 'warning' }, finding], 'policies').runs
  const first = {
    ruleId: 'opa-fmt',
    ruleIndex: 1,
    level: 'error',
    message: { text: 'is bad; Mend it' },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: 'policies/a%20b/%C3%BC.rego', uriBaseId: 'SRCROOT' },
          region: { startLine: 3 },
        },
      },
    ],
  }
  expect(run?.tool.driver.rules.map(({ id }) => id)).toEqual(['data-place', 'opa-fmt'])
  expect(run?.results).toEqual([
    first,
    { ruleId: 'data-place', ruleIndex: 0, level: 'warning', message: { text: 'is bad; Mend it' } },
    first,
  ])
})

test('a file without a line, at the root of the repository', () => {
  const { line: _, ...whole } = finding
  const [run] = logOf([whole], '').runs
  expect(run?.results[0]?.locations).toEqual([
    { physicalLocation: { artifactLocation: { uri: 'a%20b/%C3%BC.rego', uriBaseId: 'SRCROOT' } } },
  ])
})

test('nothing found is a log without results', () => {
  const [run] = logOf([], 'policies').runs
  expect({ results: run?.results, rules: run?.tool.driver.rules }).toEqual({ results: [], rules: [] })
})
