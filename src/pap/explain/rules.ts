import { compareText } from '../../lib/compare.ts'
import type { Json } from '../../model/json.ts'
import type { Reported } from '../activation/report.ts'
import { KINDS, type Kind } from '../rego/kinds.ts'
import type { ConditionReader } from './conditions.ts'
import type { RuleFinding } from './explanation.ts'
import type { Label } from './sources.ts'

/** Every rule that the question reaches. What the compiled policy reports decides whether it fired. */
export function ruleFindings(options: {
  readonly compiled: readonly Reported[] | undefined
  readonly traced: readonly Reported[]
  readonly isCall: boolean
  readonly labels: ReadonlyMap<string, Label>
  readonly conditions: ConditionReader | undefined
}): readonly RuleFinding[] {
  const { compiled, traced, isCall, labels, conditions } = options
  const said = new Map([...traced, ...(compiled ?? [])].map((one) => [keyOf(one), one]))
  return [...said.values()]
    .map(({ kind, rule, said }): RuleFinding => {
      const path = `data.mcp.${rule}`
      const label = { ...labelIn(said), ...labels.get(path), ...labels.get(`${path}.${kind}`) }
      const state = kind === 'deny_call' && !isCall ? 'not_asked' : said.length > 0 ? 'fired' : 'not_fired'
      return { kind, rule, ...label, state, said, bodies: conditions?.bodiesOf(`${path}.${kind}`) ?? [] }
    })
    .toSorted((a, b) => compareText(a.rule, b.rule) || KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind))
}

/** A reason carries the title and the code of its rule. */
function labelIn(said: readonly Json[]): Label {
  const { code, message } = (said[0] ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  return typeof code === 'string' && typeof message === 'string' ? { code, title: message } : {}
}

/** Rules that fired in one evaluation and not in the other. */
export function differingRules(
  compiled: readonly Reported[],
  traced: readonly Reported[],
  isCall: boolean,
): readonly string[] {
  const fired = (report: readonly Reported[]) =>
    new Map(
      report
        .filter(({ kind, said }) => said.length > 0 && (isCall || kind !== 'deny_call'))
        .map((one) => [keyOf(one), one]),
    )
  const [inWasm, inOpa] = [fired(compiled), fired(traced)]
  const only = (here: ReadonlyMap<string, Reported>, there: ReadonlyMap<string, Reported>, where: string) =>
    [...here].filter(([key]) => !there.has(key)).map(([, { kind, rule }]) => `${kind} of ${rule} fires ${where}`)
  return [...only(inWasm, inOpa, 'in WASM, not in opa eval'), ...only(inOpa, inWasm, 'in opa eval, not in WASM')]
}

const keyOf = ({ kind, rule }: { readonly kind: Kind; readonly rule: string }): string => `${kind} ${rule}`
