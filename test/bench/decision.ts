import { deepStrictEqual } from 'node:assert'
import type { PolicyInput } from '../../src/model/input.ts'
import { toDecision } from '../../src/pdp/decision-check.ts'
import { DECISION } from '../../src/pdp/entrypoints.ts'
import { gate } from '../../src/pdp/gate.ts'
import type { LoadedBundle } from '../../src/pdp/loaded-bundle.ts'
import { compile as compileModule, type Instance, instantiate } from '../../src/pdp/sdk.ts'
import { createClient } from './client.ts'
import { startOpa } from './opa-server.ts'
import { compile, policyOf } from './policy.ts'
import { mayRead } from './questions.ts'
import { concurrent, interleave, repeated, type Sample } from './sample.ts'
import { micros, table, times } from './table.ts'

const QUESTIONS: readonly { readonly name: string; readonly input: PolicyInput }[] = [
  { name: 'permit', input: mayRead('readonly', ['docs', 'a.txt']) },
  { name: 'deny', input: mayRead('readonly', ['private', 'a.txt']) },
  { name: 'deny, hidden', input: mayRead('nobody', ['docs', 'a.txt']) },
]
const ROUNDS = { rounds: 60, warmUp: 15 }
const BATCH = 100
/** A tenth as many over HTTP, so that its rounds take about as long. */
const HTTP_BATCH = 12

/** One decision of the default policy: through the PDP, the bare SDK, and OPA's own server over loopback. */
export async function benchDecision(): Promise<string> {
  const bundle = await compile()
  const policy = await policyOf(bundle)
  const instance = await bareInstance(bundle)
  const opa = await startOpa()
  const client = createClient(opa.port)
  try {
    const rows: string[][] = []
    const steps: string[][] = []
    for (const { name, input } of QUESTIONS) {
      const pdp = () => policy.decide(input)
      const sdk = () => (instance.evaluate(input, DECISION) as readonly { readonly result: unknown }[])[0]?.result
      const http = async () => {
        const message = { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ input }) }
        return JSON.parse(await client.post('/v1/data/mcp/main/decision', message)).result
      }
      deepStrictEqual(pdp(), sdk())
      deepStrictEqual(pdp(), await http())
      const sides = { pdp: repeated(BATCH, pdp), sdk: repeated(BATCH, sdk), http: concurrent(HTTP_BATCH, 1, http) }
      rows.push(row(name, await interleave(sides, ROUNDS)))
      steps.push(await stepsOf(name, instance, input))
    }
    const head = ['', 'PDP p50', 'p99', 'SDK p50', 'p99', 'opa run p50', 'p99', 'PDP ÷ SDK', 'opa run ÷ PDP']
    const parts = ['', 'gate: inspect', 'stringify, encode', 'WASM', 'parse result', 'check', 'sum of p50']
    return [
      table('(a) one decision of the default policy, µs', head, rows),
      table('    where the time of the PDP goes, p50 in µs', parts, steps),
    ].join('\n')
  } finally {
    client.close()
    await opa.stop()
    policy.close()
  }
}

type BareSdk = Omit<Instance, 'evaluate'> & {
  readonly evaluate: (input: object | ArrayBuffer, entrypoint: string | number) => unknown
}

async function bareInstance(bundle: LoadedBundle): Promise<BareSdk> {
  const text = new TextEncoder().encode(JSON.stringify(bundle.data))
  return (await instantiate(await compileModule(bundle.wasm), text.buffer)) as BareSdk
}

function row(name: string, { pdp, sdk, http }: Readonly<Record<'pdp' | 'sdk' | 'http', Sample>>): string[] {
  const figures = [pdp, sdk, http].flatMap(({ p50, p99 }) => [micros(p50), micros(p99)])
  return [name, ...figures, times(pdp.p50 / sdk.p50), times(http.p50 / pdp.p50)]
}

/** The parts of one decision, each measured by itself in turns with the others. */
async function stepsOf(name: string, instance: BareSdk, input: PolicyInput): Promise<string[]> {
  const bytes = gate(input)
  if (!bytes.ok) throw new Error(bytes.error)
  const id = instance.entrypoints[DECISION] ?? -1
  const answer = instance.evaluate(bytes.value, id)
  const text = JSON.stringify(answer)
  const encoder = new TextEncoder()
  const taken = await interleave(
    {
      gate: repeated(BATCH, () => gate(input)),
      serialise: repeated(BATCH, () => encoder.encode(JSON.stringify(input)).buffer),
      evaluate: repeated(BATCH, () => instance.evaluate(bytes.value, id)),
      parse: repeated(BATCH, () => JSON.parse(text)),
      check: repeated(BATCH, () => toDecision(answer, input, { hasPlans: true })),
    },
    ROUNDS,
  )
  const { gate: whole, serialise, evaluate, parse, check } = taken
  const parts = [
    Math.max(0, whole.p50 - serialise.p50),
    serialise.p50,
    Math.max(0, evaluate.p50 - parse.p50),
    parse.p50,
    check.p50,
  ]
  return [name, ...parts.map(micros), micros(whole.p50 + evaluate.p50 + check.p50)]
}
