import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from '@jest/globals'
import type { JsonObject } from '../../src/model/json.ts'
import { createPolicy } from '../../src/pdp/engine.ts'
import { capabilities, compileWith, findOpa, writeTree } from './tools.ts'

// `x` is what the input holds, so that nothing can be evaluated while compiling.
const input: JsonObject = {
  n: 7,
  m: -3,
  f: 2.5,
  s: 'a/b/c',
  t: ' Ünïcode ',
  b: true,
  z: null,
  list: [3, 1, 2],
  words: ['b', 'a'],
  o: { a: { b: 1, c: [1, 2] }, d: 2 },
  graph: { a: ['b'], b: ['c'], c: [], d: ['a'] },
  net: '10.0.0.0/8',
}

/** Builtin → expressions over the input. Sets are sorted, because WASM gives them in no order. */
const EXPRESSIONS: Readonly<Record<string, readonly string[]>> = {
  abs: ['abs(input.m)'],
  and: ['sort({1, input.n} & {input.n, 2})'],
  'array.concat': ['array.concat(input.list, input.words)'],
  'array.flatten': ['array.flatten([input.list, [input.words]])'],
  'array.reverse': ['array.reverse(input.list)'],
  'array.slice': ['array.slice(input.list, 1, 3)', 'array.slice(input.list, -1, 9)'],
  assign: ['[y | y := input.n]'],
  'base64.decode': ['base64.decode(base64.encode(input.t))'],
  'base64.encode': ['base64.encode(input.t)'],
  'base64.is_valid': ['base64.is_valid(input.s)', 'base64.is_valid("YWJj")'],
  'base64url.decode': ['base64url.decode(base64url.encode(input.t))'],
  'base64url.encode': ['base64url.encode(input.t)'],
  'bits.and': ['bits.and(input.n, 5)'],
  'bits.lsh': ['bits.lsh(input.n, 2)'],
  'bits.negate': ['bits.negate(input.n)'],
  'bits.or': ['bits.or(input.n, 8)'],
  'bits.rsh': ['bits.rsh(input.n, 1)'],
  'bits.xor': ['bits.xor(input.n, 5)'],
  ceil: ['ceil(input.f)'],
  concat: ['concat("-", input.words)', 'concat(",", {input.s})'],
  contains: ['contains(input.s, "b")', 'contains(input.s, "x")'],
  count: ['count(input.list)', 'count(input.t)', 'count(input.o)'],
  div: ['input.n / 2'],
  endswith: ['endswith(input.s, "/c")', 'endswith(input.s, "")'],
  eq: ['[y | y = input.n]'],
  equal: ['input.n == 7', 'input.o == input.graph', 'input.z == null'],
  floor: ['floor(input.f)', 'floor(input.m / 2)'],
  format_int: ['format_int(input.n, 2)', 'format_int(255, 16)'],
  'glob.match': [
    'glob.match("a/*/c", ["/"], input.s)',
    'glob.match("a/*", ["/"], input.s)',
    'glob.match("a/**", ["/"], input.s)',
    'glob.match("{a,b}/[!x]/?", ["/"], input.s)',
  ],
  'graph.reachable': ['sort(graph.reachable(input.graph, {"a"}))', 'sort(graph.reachable(input.graph, {"x"}))'],
  gt: ['input.n > 6', 'input.s > "b"'],
  gte: ['input.n >= 7'],
  indexof: ['indexof(input.s, "b")', 'indexof(input.t, "c")', 'indexof(input.s, "x")'],
  'internal.member_2': ['2 in input.list', '9 in input.list', '7 in {"b": input.n}'],
  'internal.member_3': ['0, 3 in input.list', '"d", 2 in input.o'],
  'internal.template_string': ['$"{input.n}, {input.s}, {input.list}, {input.nothing}, {input.b}"'],
  intersection: ['sort(intersection({{1, input.n}, {input.n, 3}}))'],
  is_array: ['is_array(input.list)'],
  is_boolean: ['is_boolean(input.b)'],
  is_null: ['is_null(input.z)'],
  is_number: ['is_number(input.n)'],
  is_object: ['is_object(input.o)'],
  is_set: ['is_set({input.n})'],
  is_string: ['is_string(input.s)'],
  'json.filter': ['json.filter(input.o, ["a/b"])'],
  'json.is_valid': ['json.is_valid(input.s)', 'json.is_valid("[1]")'],
  'json.marshal': ['json.marshal(input.list)', 'json.marshal(input.t)'],
  'json.remove': ['json.remove(input.o, ["a/b", "d"])'],
  'json.unmarshal': ['json.unmarshal("{\\"a\\": [1, null]}")', 'json.unmarshal(json.marshal(input.o))'],
  lower: ['lower(input.t)'],
  lt: ['input.m < 0'],
  lte: ['input.f <= 2.5'],
  max: ['max(input.list)', 'max(input.words)'],
  min: ['min(input.list)'],
  minus: ['input.n - input.m', 'sort({1, input.n} - {1})'],
  mul: ['input.n * input.f'],
  'net.cidr_contains': ['net.cidr_contains(input.net, "10.1.2.3")', 'net.cidr_contains(input.net, "11.0.0.0/16")'],
  'net.cidr_intersects': ['net.cidr_intersects(input.net, "10.1.0.0/16")'],
  neq: ['input.n != 8', 'input.n != 7'],
  'numbers.range': ['numbers.range(input.n, 10)', 'numbers.range(3, 1)'],
  'object.filter': ['object.filter(input.o, ["d"])'],
  'object.get': ['object.get(input.o, "d", 0)', 'object.get(input.o, ["a", "b"], 0)', 'object.get(input.o, "x", [])'],
  'object.keys': ['sort(object.keys(input.o))'],
  'object.remove': ['object.remove(input.o, ["a"])'],
  'object.union': ['object.union(input.o, {"a": {"e": 1}})'],
  'object.union_n': ['object.union_n([input.o, {"d": 3}, {"x": input.n}])'],
  or: ['sort({1} | {input.n})'],
  plus: ['input.n + input.f'],
  print: ['[y | y := input.n; print(y)]'],
  product: ['product(input.list)'],
  'regex.find_all_string_submatch_n': ['regex.find_all_string_submatch_n(`([a-c])/`, input.s, -1)'],
  'regex.is_valid': ['regex.is_valid(input.s)', 'regex.is_valid("(")'],
  'regex.match': ['regex.match(`^[a-c]/.*c$`, input.s)', 'regex.match(`^b`, input.s)'],
  'rego.metadata.chain': ['count(rego.metadata.chain())'],
  'rego.metadata.rule': ['rego.metadata.rule()'],
  rem: ['input.n % 4'],
  replace: ['replace(input.s, "/", "--")'],
  round: ['round(input.f)', 'round(input.m / 2)'],
  sort: ['sort(input.list)', 'sort({input.s, "b", "a"})', 'sort([input.z, input.b, input.n, input.s])'],
  split: ['split(input.s, "/")', 'split(input.t, "")'],
  startswith: ['startswith(input.s, "a/")'],
  'strings.replace_n': ['strings.replace_n({"a": "x", "/": "."}, input.s)'],
  'strings.reverse': ['strings.reverse(input.t)'],
  substring: ['substring(input.s, 2, 1)', 'substring(input.t, 1, -1)'],
  sum: ['sum(input.list)'],
  to_number: ['to_number("1.5")', 'to_number(input.b)', 'to_number(input.z)'],
  trim: ['trim(input.s, "ac")'],
  trim_left: ['trim_left(input.s, "a/")'],
  trim_prefix: ['trim_prefix(input.s, "a/")'],
  trim_right: ['trim_right(input.s, "c/")'],
  trim_space: ['trim_space(input.t)'],
  trim_suffix: ['trim_suffix(input.s, "/c")'],
  type_name: ['type_name(input.n)', 'type_name(input.z)', 'type_name({input.n})'],
  union: ['sort(union({{1}, {input.n}}))'],
  upper: ['upper(input.t)'],
  walk: ['sort([y | walk(input.o, y)])'],
}

const listed: { readonly builtins: readonly { readonly name: string }[] } = JSON.parse(
  readFileSync(capabilities, 'utf8'),
)
const rows = Object.entries(EXPRESSIONS).flatMap(([builtin, expressions]) =>
  expressions.map((expression) => ({ builtin, expression })),
)
const ruleOf = (index: number) => `rule_${index}`

const POLICY = [
  '# METADATA\n# title: Builtins\npackage mcp.main\n',
  ...rows.map(({ expression }, index) => `# METADATA\n# title: One\n${ruleOf(index)} := ${expression}\n`),
  `decision := {"effect": input.n}\n\nall := {${rows.map((_, index) => `"${ruleOf(index)}": [y | y := ${ruleOf(index)}]`).join(', ')}}\n`,
].join('\n')

type Answers = Readonly<Record<string, unknown>>
let inWasm: Answers
let inOpa: Answers

beforeAll(async () => {
  const opa = await findOpa()
  const bundle = await compileWith(opa, { 'mcp/main/main.rego': POLICY }, ['mcp/main/decision', 'mcp/main/all'])
  const policy = await createPolicy(bundle, { now: () => 0 })
  if (!policy.ok) throw new Error(JSON.stringify(policy.error))
  const answer = policy.value.evaluate('mcp/main/all', input)
  if (!answer.ok) throw new Error(answer.error)
  inWasm = answer.value as Answers
  policy.value.close()
  const tree = writeTree({ 'main.rego': POLICY, 'input.json': JSON.stringify(input) })
  const args = ['eval', '--format', 'json', '-d', 'main.rego', '-i', 'input.json', 'data.mcp.main.all']
  const out = JSON.parse(
    execFileSync(opa, args, { cwd: tree.dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  )
  tree.remove()
  inOpa = out.result[0].expressions[0].value
}, 60_000)

test('every builtin that a policy may use has its expressions', () => {
  expect(Object.keys(EXPRESSIONS).toSorted()).toEqual(listed.builtins.map(({ name }) => name).toSorted())
})

describe('in WASM as in opa eval', () => {
  test.each(rows.map((row, index) => ({ ...row, rule: ruleOf(index) })))('$expression', ({ rule }) => {
    expect(inWasm[rule]).toHaveLength(1)
    expect(inWasm[rule]).toEqual(inOpa[rule])
  })
})
