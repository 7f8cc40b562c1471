import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PolicyInput } from '../../model/input.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { Reported } from '../activation/report.ts'
import { KINDS } from '../rego/kinds.ts'
import { type OpaRun, runOpa } from '../rego/opa.ts'
import { opaFaults } from '../rego/opa-errors.ts'
import type { TraceEvent } from './frames.ts'

export type Traced = {
  readonly events: readonly TraceEvent[]
  /** Absent when the evaluation broke, or the tree has no such rule. */
  readonly decision?: unknown
  readonly report: readonly Reported[]
  /** Why the evaluation broke. */
  readonly faults: readonly PolicyFault[]
}

const PACKAGE = 'portcullis_explain'

/** The kinds of rules as `main` composes them, whatever this tree's `main` does. */
const REPORT = KINDS.map(
  (kind) => `
report contains {"kind": "${kind}", "rule": $"rules.{area}.{rule}", "said": said} if {
	some area, rule
	said := data.mcp.rules[area][rule].${kind}
}

report contains {"kind": "${kind}", "rule": $"tools.{input.resource.id}", "said": said} if {
	input.resource.type == "tool"
	said := data.mcp.tools[input.resource.id].${kind}
}
`,
).join('')

const DECISION = '\ndecision := data.mcp.main.decision\n'

/**
 * Evaluates every rule with `opa eval` and keeps the trace. Without its index OPA enters each body, so that
 * each says where it failed; with it, bodies that cannot match would be skipped in silence.
 */
export async function traceRules(options: {
  readonly root: string
  readonly opa: string
  readonly input: PolicyInput
  /** False for the sources in a bundle, which `opa build` has left without entrypoints. */
  readonly withDecision: boolean
}): Promise<Traced> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-explain-'))
  try {
    const module = join(folder, 'explain.rego')
    const input = join(folder, 'input.json')
    await writeFile(module, `package ${PACKAGE}\n${options.withDecision ? DECISION : ''}${REPORT}`)
    await writeFile(input, JSON.stringify(options.input))
    const run = await runOpa(
      options.opa,
      [
        ...['eval', '--format', 'json', '--explain', 'full', '--disable-indexing', '--timeout', '30s'],
        ...['--ignore', '*_test.rego', '--ignore', '.*', '-d', '.', '-d', module, '-i', input, `data.${PACKAGE}`],
      ],
      options.root,
    )
    return readTrace(run.stdout) ?? { events: [], report: [], faults: whyNone(run) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What is cut short at the limit of the buffer is no JSON, and nothing to be quoted. */
const whyNone = (run: OpaRun): readonly PolicyFault[] =>
  run.stderr === ''
    ? [{ message: 'the trace is too large to be read', remedy: 'Explain with less data below data.mcp' }]
    : opaFaults(run, REMEDY)

const REMEDY = 'Correct the policy; `portcullis check` shows the same'

type Output = {
  readonly result?: readonly [{ readonly expressions: readonly [{ readonly value: Value }] }]
  readonly explanation?: readonly TraceEvent[]
  readonly errors?: readonly unknown[]
}
type Value = { readonly decision?: unknown; readonly report?: readonly Reported[] }

function readTrace(stdout: string): Traced | undefined {
  let output: Output
  try {
    output = JSON.parse(stdout)
  } catch {
    return undefined
  }
  const { decision, report = [] } = output.result?.[0].expressions[0].value ?? {}
  const faults = output.errors === undefined ? [] : opaFaults({ code: 2, stdout, stderr: '' }, REMEDY)
  return { events: output.explanation ?? [], ...(decision !== undefined && { decision }), report, faults }
}
