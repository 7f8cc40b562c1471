import { err, ok, type Result } from '../../lib/result.ts'
import type { JsonObject } from '../../model/json.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { CaseFile, ComposedCase, FixtureFile, TableCase, Want, WholeCase } from './case-format.ts'
import { contextOf } from './context.ts'
import { createNames, type Names } from './names.ts'
import type { Checked } from './sheet.ts'

/** One question, its names written out, and what is wanted of the decision. */
export type Case = {
  readonly file: string
  readonly line: number
  /** Unique in its file. */
  readonly name: string
  readonly input: unknown
  readonly want: Want
  /** Documents that stand below data.mcp instead of those of the policy. */
  readonly data?: JsonObject
  /** Why it does not run. */
  readonly skip?: string
}

type Written = Result<readonly Pick<Case, 'name' | 'input' | 'want'>[], readonly string[]>

/** The cases of a file, a table as one case for each of its questions. */
export function writeOut(
  sheet: Checked<CaseFile>,
  fixtures: readonly Checked<FixtureFile>[],
): Result<readonly Case[], readonly PolicyFault[]> {
  const { file, content, lineOf } = sheet
  const names = createNames([...fixtures, sheet])
  if (!names.ok) return names
  const shared = [...fixtures.map((one) => one.content), content]
  const context = shared.map(contextOf)
  const faults: PolicyFault[] = []
  const cases: Case[] = []
  for (const [index, one] of content.cases.entries()) {
    const line = lineOf(['cases', String(index)])
    const written = writtenOut(one, names.value, Object.assign({}, ...context, contextOf(one)))
    if (written.ok) {
      const more = { ...dataOf([...shared, one]), ...(one.skip !== undefined && { skip: one.skip }) }
      cases.push(...written.value.map((part) => ({ file, line, ...part, ...more })))
    } else {
      const remedy = 'Name what this file or its fixtures define'
      faults.push(...written.error.map((message) => ({ file, line, message: `case "${one.note}" ${message}`, remedy })))
    }
  }
  faults.push(...namesakes(cases))
  return faults.length > 0 ? err(faults) : ok(cases)
}

function dataOf(parts: readonly { readonly data?: object }[]): { data?: JsonObject } {
  const data: JsonObject = Object.assign({}, ...parts.map((part) => part.data))
  return Object.keys(data).length === 0 ? {} : { data }
}

function namesakes(cases: readonly Case[]): readonly PolicyFault[] {
  const first = new Map<string, Case>()
  return cases.flatMap(({ file, line, name }, index) => {
    const before = first.get(name)
    if (before === undefined) first.set(name, cases[index] as Case)
    if (before === undefined) return []
    const message = `case "${name}" has the name of the one in line ${before.line}`
    return [{ file, line, message, remedy: 'Give each case of a file its own note' }]
  })
}

function writtenOut(one: ComposedCase | TableCase | WholeCase, names: Names, context: object): Written {
  if ('input' in one) return ok([{ name: one.note, input: one.input, want: one.want }])
  if ('table' in one) return tableCases(one, names, context)
  const subject = typeof one.subject === 'string' ? names.subject(one.subject) : ok(one.subject)
  const resource = typeof one.resource === 'string' ? names.resource(one.resource) : ok(one.resource)
  if (!subject.ok || !resource.ok) return err([subject, resource].flatMap((part) => (part.ok ? [] : [part.error])))
  const input = inputOf(subject.value, one.action, withCall(resource.value, one), context)
  return ok([{ name: one.note, input, want: one.want }])
}

/** A pair that nothing lists is wanted denied: a table says everything that is permitted. */
function tableCases(one: TableCase, names: Names, context: object): Written {
  const { actions, subjects, resources, permitted } = one.table
  const granted = (subject: string, action: string): readonly string[] => {
    const said = Object.hasOwn(permitted, subject) ? permitted[subject] : undefined
    const listed = typeof said === 'object' && !Array.isArray(said) ? ownOf(said, action) : said
    return listed === 'all' ? resources : ((listed as readonly string[] | undefined) ?? [])
  }
  const strays = [
    ...Object.keys(permitted)
      .filter((name) => !subjects.includes(name))
      .map(strayIn('subjects')),
    ...Object.values(permitted).flatMap((said) => straysOf(said, actions, resources)),
    ...subjects.flatMap((name) => faultOf(names.subject(name))),
    ...resources.flatMap((name) => faultOf(names.resource(name))),
  ]
  if (strays.length > 0) return err([...new Set(strays)])
  return ok(
    subjects.flatMap((subject) =>
      actions.flatMap((action) =>
        resources.map((resource) => ({
          name: `${one.note}: ${subject}, ${action}, ${resource}`,
          input: inputOf(
            documentOf(names.subject(subject)),
            action,
            withCall(documentOf(names.resource(resource)), one),
            context,
          ),
          want: { effect: granted(subject, action).includes(resource) ? ('permit' as const) : ('deny' as const) },
        })),
      ),
    ),
  )
}

type Granted = TableCase['table']['permitted'][string]

/** What is permitted in a table and is none of its pairs: it would be taken for a test and never be one. */
function straysOf(said: Granted, actions: readonly string[], resources: readonly string[]): readonly string[] {
  if (said === 'all') return []
  if (Array.isArray(said)) {
    return said.filter((name) => !resources.includes(name)).map(strayIn('resources'))
  }
  return [
    ...Object.keys(said)
      .filter((name) => !actions.includes(name))
      .map(strayIn('actions')),
    ...Object.values(said).flatMap((inner) => straysOf(inner, actions, resources)),
  ]
}

const strayIn = (what: string) => (name: string) => `permits ${name}, which is none of its ${what}`
const ownOf = <T>(values: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined
const faultOf = (result: Result<unknown, string>): readonly string[] => (result.ok ? [] : [result.error])
const documentOf = (result: Result<Readonly<Record<string, unknown>>, string>) => (result.ok ? result.value : {})

type Call = Pick<ComposedCase, 'arguments' | 'paths'>

/** A resource with the arguments of a case, which replace its own. */
function withCall(resource: Readonly<Record<string, unknown>>, call: Call): object {
  const { arguments: args, paths } = call
  if (args === undefined && paths === undefined) return resource
  const properties = {
    ...(resource['properties'] as object),
    ...(args && { arguments: args }),
    ...(paths && { paths }),
  }
  return { ...resource, properties }
}

const inputOf = (subject: object, action: string, resource: object, context: object): unknown => ({
  subject,
  action: { name: action },
  resource,
  context,
})
