import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { targetsOf } from '../../src/app/evaluation/tool-targets.ts'
import { BUILD_CAPABILITIES, DEFAULT_POLICIES, findOpa } from '../../src/cli/package.ts'
import { ok } from '../../src/lib/result.ts'
import type { PolicyInput } from '../../src/model/input.ts'
import { loadBundle } from '../../src/pap/activation/load.ts'
import { packBundle } from '../../src/pap/bundle/build.ts'
import { readBundle } from '../../src/pap/bundle/read.ts'
import { sideOf } from '../../src/pap/diff/side.ts'
import { enumerateWorld } from '../../src/pap/diff/world.ts'
import type { CaseRun } from '../../src/pap/test/case-run.ts'
import { compareWithOpa } from '../../src/pap/test/reference.ts'
import { createPolicy, type Policy } from '../../src/pdp/engine.ts'
import { BUILTIN_TOOLS } from '../../src/tools/builtin.ts'
import { policyBundle, rule } from '../http/policy.ts'
import { compileWith, writeTree } from '../policy/tools.ts'
import { saidOf } from '../unit/pap/check/checked.ts'
import { catalogueEntry } from './catalogue.ts'

const TIMEOUT = 60_000
const attack = (id: string, run: () => Promise<void>): void => test(`${id} ${catalogueEntry(id).title}`, run, TIMEOUT)

let opa: string
let policy: Policy
/** Every question that differences of policies are looked for with. */
let questions: readonly PolicyInput[]
beforeAll(async () => {
  opa = await findOpa()
  const bundle = await readBundle(readFileSync(await policyBundle({})))
  if (!bundle.ok) throw new Error(JSON.stringify(bundle.error))
  const loaded = await loadBundle(bundle.value, { now: () => 0 })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error))
  policy = loaded.value
  const side = sideOf(bundle.value.data, [])
  const world = enumerateWorld(side, side, { tools: targetsOf(BUILTIN_TOOLS), methods: ['tools/call', 'tools/list'] })
  questions = [...world.questions()]
}, TIMEOUT)
afterAll(() => policy.close())

/** So many of them, from everywhere in their order. */
const some = (count: number): readonly PolicyInput[] => {
  const step = Math.max(1, Math.floor(questions.length / count))
  return questions.filter((_, index) => index % step === 0)
}

attack('D-014', async () => {
  const runs = some(1_000).map((input, index): CaseRun => {
    const asked = { file: 'questions', line: index, name: `question ${index}`, input, want: {} }
    return { case: asked, decided: policy.decide(input), report: () => ok(undefined), faults: [] }
  })
  expect(runs.filter(({ decided }) => decided.effect === 'indeterminate')).toEqual([])
  expect(new Set(runs.map(({ decided }) => decided.effect))).toEqual(new Set(['permit', 'deny']))
  const compared = await compareWithOpa(runs, { policyDir: DEFAULT_POLICIES, opa })
  expect(compared.filter(({ faults }) => faults.length > 0)).toEqual([])
  expect(compared).toHaveLength(runs.length)
})

attack('D-016', async () => {
  const splits = 'count(regex.split("(a+)+$", input.resource.properties.arguments.path)) > 1'
  const tree = writeTree({
    '.manifest': '{"roots":["mcp"],"rego_version":1}',
    'mcp/main/main.rego': 'package mcp.main\n\ndefault decision := false\n',
    ...rule('split', 'T', `deny_call contains _reason if ${splits}\n`),
  })
  const tools = BUILTIN_TOOLS.map(({ name }) => name)
  const packed = await packBundle({ policyDir: tree.dir, opa, capabilities: BUILD_CAPABILITIES, tools })
  tree.remove()
  expect(packed.ok ? [] : packed.error).toContainEqual({
    file: 'mcp/rules/tests/split/split.rego',
    line: 10,
    message: 'rego_type_error: undefined function regex.split',
    remedy: expect.any(String),
  })
  const main = { 'mcp/main/main.rego': `package mcp.main\n\ndecision := "x" if ${splits}\n` }
  expect(await createPolicy(await compileWith(opa, main), { now: () => 0 })).toMatchObject({
    ok: false,
    error: [
      {
        file: 'policy.wasm',
        message: expect.stringContaining('calls builtins that this host does not have: regex.split'),
      },
    ],
  })
})

attack('D-032', async () => {
  const widened = some(400)
    .filter((input) => policy.decide(input).effect === 'deny')
    .flatMap((input) =>
      withoutOne(input).map(({ path, changed }) => ({ path, decided: policy.decide(changed), changed })),
    )
    .filter(({ decided }) => decided.effect === 'permit')
  expect(widened.map(({ path }) => path)).toEqual([])

  const said = await saidOf('deny-undefined', [
    { name: 'a role', body: 'deny contains "x" if not input.subject.properties.claims.level == "high"' },
    { name: 'a server', body: 'deny contains "x" if input.resource.properties.server != "files"' },
  ])
  expect([...said.values()]).toEqual([[], [expect.stringMatching(/^error 1 .+which may be absent: then it denies/)]])
})

/** The question without one of its members, at any depth, for each of them. */
function withoutOne(input: PolicyInput): readonly { readonly path: string; readonly changed: PolicyInput }[] {
  // without its arguments a call is the question whether some call could be permitted; the walk always gives them
  const places = placesIn(input).filter((path) => path.join('.') !== 'resource.properties.arguments')
  return places.map((path) => {
    const changed = structuredClone(input)
    const parent = path.slice(0, -1).reduce<unknown>((value, name) => Object(value)[name], changed)
    delete Object(parent)[path.at(-1) ?? '']
    return { path: path.join('.'), changed }
  })
}

function placesIn(value: unknown): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.entries(value).flatMap(([name, member]) => [[name], ...placesIn(member).map((rest) => [name, ...rest])])
}
