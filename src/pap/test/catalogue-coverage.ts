import type { Decision } from '../../model/decision.ts'
import type { PolicyInput } from '../../model/input.ts'
import type { JsonObject } from '../../model/json.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { CaseRun } from './case-run.ts'
import { type Measured, measured } from './measured.ts'

/** A tool as far as its coverage asks. */
export type CatalogueTool = { readonly name: string; readonly takesPaths: boolean }

/** Of each tool: somebody may call it, somebody may not, and a path is refused to somebody who may. */
const ASPECTS = [
  {
    said: 'permitted to anyone',
    remedy: 'Add a case of a call that is permitted, or remove the tool',
    applies: () => true,
    shows: (decision: Decision) => decision.effect === 'permit',
  },
  {
    said: 'denied to anyone',
    remedy: 'Add a case of a subject that may not call it',
    applies: () => true,
    shows: ({ effect, visible, scopes }: Decision) => effect === 'deny' && (!visible || scopes.length > 0),
  },
  {
    said: 'denied for its arguments',
    remedy: 'Add a case of a path that is refused to a subject that may call it',
    applies: ({ takesPaths }: CatalogueTool) => takesPaths,
    // Scopes are asked for only when their absence is the sole reason.
    shows: ({ effect, visible, scopes }: Decision) => effect === 'deny' && visible && scopes.length === 0,
  },
] as const

/** Which tools of the catalogue the cases call, and to what end. */
export function catalogueCoverage(tools: readonly CatalogueTool[], runs: readonly CaseRun[]): Measured {
  const decisions = new Map<string, Decision[]>(tools.map(({ name }) => [name, []]))
  for (const { case: one, decided } of runs) {
    const name = calledTool(one.input)
    if (name !== undefined && decided.effect !== 'indeterminate') decisions.get(name)?.push(decided)
  }
  const wanted = tools.flatMap((tool) =>
    ASPECTS.filter(({ applies }) => applies(tool)).map((aspect) => ({ tool, aspect })),
  )
  const uncovered = wanted
    .filter(({ tool, aspect }) => !decisions.get(tool.name)?.some(aspect.shows))
    .map(({ tool, aspect }): PolicyFault => {
      return { message: `tool ${tool.name} is never ${aspect.said} in a case`, remedy: aspect.remedy }
    })
  return measured(wanted.length, uncovered)
}

/** The tools of others that the policy itself describes, beside those that are known. */
export function withVouched(tools: readonly CatalogueTool[], data: JsonObject): readonly CatalogueTool[] {
  const { catalogue = {} } = (data['mcp'] ?? {}) as { catalogue?: Readonly<Record<string, { paths?: object } | null>> }
  const known = new Set(tools.map(({ name }) => name))
  return [
    ...tools,
    ...Object.entries(catalogue)
      .filter(([name]) => !known.has(name))
      .map(([name, said]) => ({ name, takesPaths: Object.keys(said?.paths ?? {}).length > 0 })),
  ]
}

/** The question is that of a call, not of existence: cases may put any question at all. */
function calledTool(input: unknown): string | undefined {
  const { action, resource } = (input ?? {}) as Partial<PolicyInput>
  const isCall =
    action?.name === 'tools/call' && resource?.type === 'tool' && resource.properties?.arguments !== undefined
  return isCall ? resource.id : undefined
}
