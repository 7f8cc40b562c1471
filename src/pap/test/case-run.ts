import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { err, ok, type Result } from '../../lib/result.ts'
import type { Decision } from '../../model/decision.ts'
import type { PolicyInput } from '../../model/input.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { Policy } from '../../pdp/engine.ts'
import { runOpa } from '../rego/opa.ts'
import { opaFaults } from '../rego/opa-errors.ts'
import type { Case, Want } from './cases.ts'

/** No faults: WASM decides what the case wants, and `opa eval` decides the same. */
export type CaseResult = { readonly file: string; readonly note: string; readonly faults: readonly string[] }

/** Decides every case on the compiled policy and, in one run for all, with `opa eval`. */
export async function runCases(options: {
  readonly cases: readonly Case[]
  readonly policy: Policy
  readonly policyDir: string
  readonly opa: string
}): Promise<Result<readonly CaseResult[], readonly PolicyFault[]>> {
  const reference = await evaluateAll(options)
  if (!reference.ok) return reference
  return ok(
    options.cases.map((one, index) => ({
      file: one.file,
      note: one.note,
      faults: caseFaults(one, options.policy, reference.value[nameOf(index)]),
    })),
  )
}

function caseFaults(one: Case, policy: Policy, reference: unknown): readonly string[] {
  const decided = policy.decide(one.input as PolicyInput)
  if (decided.effect === 'indeterminate') return [`no decision: ${decided.cause}`]
  const actual = summary(decided, one.want)
  const wanted = unordered(one.want)
  return [
    ...(isDeepStrictEqual(actual, wanted)
      ? []
      : [`wanted ${JSON.stringify(wanted)}, decided ${JSON.stringify(actual)}`]),
    ...(isDeepStrictEqual(unordered(decided), unordered(reference))
      ? []
      : [
          `WASM decides ${JSON.stringify(unordered(decided))}, opa eval ${JSON.stringify(unordered(reference)) ?? 'nothing'}`,
        ]),
  ]
}

/** The decision as far as the case says something of it. */
function summary(decision: Decision, want: Want): unknown {
  const { effect, visible, reasons, scopes, limits, obligations } = decision
  const all = {
    effect,
    visible,
    codes: reasons.map(({ code }) => code),
    scopes,
    limits: limits.map(({ name }) => name),
    obligations,
  }
  return unordered(Object.fromEntries(Object.entries(all).filter(([name]) => Object.hasOwn(want, name))))
}

/** WASM gives sets in the order of their hashes. Keys of limits and prefixes of paths are sequences and stay. */
function unordered(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(unordered).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  }
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(members.map(([key, member]) => [key, isSequence(key, member) ? member : unordered(member)]))
}

const isSequence = (key: string, member: unknown): boolean =>
  key === 'key' && Array.isArray(member) && member.every((part) => typeof part === 'string')

const nameOf = (index: number): string => `case_${index}`

/**
 * One rule for each case in a module of its own: a comprehension over inputs in the query once gave a
 * wrong answer.
 */
async function evaluateAll(options: {
  readonly cases: readonly Case[]
  readonly policyDir: string
  readonly opa: string
}): Promise<Result<Readonly<Record<string, unknown>>, readonly PolicyFault[]>> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-cases-'))
  try {
    const rules = options.cases.map(
      ({ input }, index) =>
        `${nameOf(index)} := decision if {\n  decision := data.mcp.main.decision with input as ${JSON.stringify(input)}\n}\n`,
    )
    const module = join(folder, 'cases.rego')
    await writeFile(module, ['package portcullis_cases\n', ...rules].join('\n'))
    const args = [
      'eval',
      '--format',
      'json',
      '--ignore',
      '*_test.rego',
      '-d',
      '.',
      '-d',
      module,
      'data.portcullis_cases',
    ]
    const run = await runOpa(options.opa, args, resolve(options.policyDir))
    if (run.code !== 0) return err(opaFaults(run, 'Correct the policy; `portcullis check` shows the same'))
    const { result }: { result: readonly [{ expressions: readonly [{ value: Record<string, unknown> }] }] } =
      JSON.parse(run.stdout)
    return ok(result[0].expressions[0].value)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
