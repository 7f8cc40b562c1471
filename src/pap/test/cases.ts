import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { parse } from 'yaml'
import { err, ok, type Result } from '../../lib/result.ts'
import { Decision, Obligation } from '../../model/decision.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { thrownText } from '../../pdp/sdk.ts'

const Document = Type.Record(Type.String(), Type.Unknown())
const closed = { additionalProperties: false }

const Want = Type.Object(
  {
    effect: Type.Index(Decision, ['effect']),
    visible: Type.Boolean(),
    codes: Type.Array(Type.String(), { description: 'of the reasons, in any order' }),
    scopes: Type.Optional(Type.Array(Type.String())),
    limits: Type.Optional(Type.Array(Type.String(), { description: 'names, in any order' })),
    obligations: Type.Optional(Type.Array(Obligation)),
  },
  closed,
)

const Described = Type.Object(
  {
    note: Type.String({ minLength: 1 }),
    subject: Type.Optional(Type.Union([Type.String(), Document])),
    action: Type.Optional(Type.String()),
    resource: Type.Optional(Type.Union([Type.String(), Document])),
    arguments: Type.Optional(Document),
    paths: Type.Optional(Type.Array(Document)),
    context: Type.Optional(Document),
    input: Type.Optional(Type.Unknown({ description: 'the whole input, instead of its parts' })),
    want: Want,
  },
  closed,
)

/**
 * A file of cases: who and what by name, and questions with the decision that is wanted, as far as it matters.
 * Inputs are open: a policy must also stand what the gateway would never send.
 */
export const CaseFile = Type.Object(
  {
    description: Type.Optional(Type.String()),
    context: Type.Optional(Document),
    subjects: Type.Optional(Type.Record(Type.String(), Document)),
    resources: Type.Optional(Type.Record(Type.String(), Document)),
    cases: Type.Array(Described, { minItems: 1 }),
  },
  closed,
)
type CaseFile = Static<typeof CaseFile>
const caseFiles = Compile(CaseFile)

export type Want = Static<typeof Want>
export type Case = { readonly file: string; readonly note: string; readonly input: unknown; readonly want: Want }

/** The cases of a YAML file, their names written out. */
export function readCases(text: string, file: string): Result<readonly Case[], readonly PolicyFault[]> {
  const remedy = 'Correct the case file; test/policy/case.schema.json describes it'
  let document: unknown
  try {
    document = parse(text)
  } catch (thrown) {
    return err([{ file, message: thrownText(thrown), remedy }])
  }
  if (!caseFiles.Check(document)) {
    return err(
      caseFiles.Errors(document).map((fault) => ({ file, message: `${fault.instancePath}: ${fault.message}`, remedy })),
    )
  }
  const dangling = document.cases.flatMap((one) => danglingNames(document, one))
  if (dangling.length > 0) return err(dangling.map((message) => ({ file, message, remedy })))
  return ok(document.cases.map((one) => ({ file, note: one.note, input: inputOf(document, one), want: one.want })))
}

function danglingNames({ subjects = {}, resources = {} }: CaseFile, one: CaseFile['cases'][number]): readonly string[] {
  const unknown = (names: object, name: unknown) => typeof name === 'string' && !Object.hasOwn(names, name)
  return [
    ...(unknown(subjects, one.subject) ? [`case "${one.note}" names the unknown subject ${one.subject}`] : []),
    ...(unknown(resources, one.resource) ? [`case "${one.note}" names the unknown resource ${one.resource}`] : []),
  ]
}

function inputOf(file: CaseFile, one: CaseFile['cases'][number]): unknown {
  if (one.input !== undefined) return one.input
  const subject = typeof one.subject === 'string' ? file.subjects?.[one.subject] : one.subject
  const resource = typeof one.resource === 'string' ? file.resources?.[one.resource] : one.resource
  const call = { ...(one.arguments && { arguments: one.arguments }), ...(one.paths && { paths: one.paths }) }
  return {
    ...(subject && { subject }),
    ...(one.action !== undefined && { action: { name: one.action } }),
    ...(resource && { resource: { ...resource, properties: { ...(resource['properties'] as object), ...call } } }),
    context: { ...file.context, ...one.context },
  }
}
