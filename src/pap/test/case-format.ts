import { type Static, type TObject, type TProperties, Type } from 'typebox'
import { Decision, Limit, Obligation } from '../../model/decision.ts'

const closed = { additionalProperties: false }
const names = (description: string) => Type.Array(Type.String(), { uniqueItems: true, description })

// Inputs are open: a policy must also stand what the gateway would never send.
const Document = Type.Record(Type.String(), Type.Unknown())
const Named = (what: string) => Type.Record(Type.String(), Document, { description: `${what} by the names of cases` })

const Time = Type.String({
  description: 'RFC 3339; fills time, unix, weekday, hour and minute of the context',
  format: 'date-time',
  pattern: '^.{17}[0-5]', // no clock of ours ever shows a leap second
})

const WantedLimit = Type.Object(
  { ...Type.Partial(Limit).properties, name: Limit.properties.name },
  { ...closed, description: 'the figures named must hold, the others may be anything' },
)

export const Want = Type.Object(
  {
    effect: Type.Optional(Type.Index(Decision, ['effect'])),
    visible: Type.Optional(Type.Boolean()),
    codes: Type.Optional(names('codes of all reasons, in any order')),
    scopes: Type.Optional(names('all scopes asked for, in any order')),
    limits: Type.Optional(
      Type.Array(Type.Union([Type.String(), WantedLimit]), { description: 'all limits, in any order' }),
    ),
    obligations: Type.Optional(Type.Array(Obligation, { description: 'all obligations, in any order' })),
    decision: Type.Optional(Decision),
    record: Type.Optional(
      Type.Object(
        {
          input: Type.Optional(Type.Unknown({ description: 'the input as it is written to the decision log' })),
          result: Type.Optional(Type.Unknown({ description: 'the decision as it is written to the decision log' })),
          erased: Type.Optional(names('pointers that the mask removed')),
          masked: Type.Optional(names('pointers that the mask replaced')),
        },
        { ...closed, minProperties: 1, description: 'what the decision log keeps after its mask' },
      ),
    ),
  },
  {
    ...closed,
    minProperties: 1,
    description: 'What must hold. A member that is absent may be anything; one that is present is compared as a whole.',
  },
)
export type Want = Static<typeof Want>

const Data = {
  ...Document,
  description: 'name → document that stands at data.mcp.<name> instead of the one of the policy',
}

const Heading = {
  note: Type.String({ minLength: 1, description: 'what the case shows; unique in its file' }),
  description: Type.Optional(Type.String()),
  skip: Type.Optional(Type.String({ minLength: 1, description: 'why it does not run; counted and shown' })),
  data: Type.Optional(Data),
}
const Circumstances = {
  arguments: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), {
      description: 'becomes resource.properties.arguments; without it the question is whether some call is permitted',
    }),
  ),
  paths: Type.Optional(Type.Array(Document, { description: 'becomes resource.properties.paths' })),
  time: Type.Optional(Time),
  context: Type.Optional(Document),
}

export const WholeCase = Type.Object(
  { ...Heading, input: Type.Unknown({ description: 'the whole input' }), want: Want },
  { ...closed, description: 'A question that cannot be put together from parts' },
)
export type WholeCase = Static<typeof WholeCase>

export const ComposedCase = Type.Object(
  {
    ...Heading,
    subject: Type.Union([Type.String(), Document], { description: 'a name of `subjects`, or a subject' }),
    action: Type.String({ minLength: 1 }),
    resource: Type.Union([Type.String(), Document], { description: 'a name of `resources`, or a resource' }),
    ...Circumstances,
    want: Want,
  },
  { ...closed, description: 'One subject, action and resource' },
)
export type ComposedCase = Static<typeof ComposedCase>

const All = Type.Literal('all', { description: 'every resource of the table' })
const Granted = Type.Union([names('resources'), All])
const some = (description: string) => Type.Array(Type.String(), { minItems: 1, uniqueItems: true, description })

export const TableCase = Type.Object(
  {
    ...Heading,
    table: Type.Object(
      {
        actions: some('each asked of every pair'),
        subjects: some('names of `subjects`'),
        resources: some('names of `resources`'),
        permitted: Type.Record(
          Type.String(),
          Type.Union([Granted, Type.Record(Type.String(), Granted, { description: 'action → resources' })]),
          { description: 'subject → the resources permitted to it; whatever is not listed must be denied' },
        ),
      },
      closed,
    ),
    ...Circumstances,
  },
  { ...closed, description: 'Every subject × action × resource: what is permitted, all else being denied' },
)
export type TableCase = Static<typeof TableCase>

const Fixtures = {
  data: Type.Optional(Data),
  time: Type.Optional(Time),
  context: Type.Optional({ ...Document, description: 'the context of every case; what a case names replaces it' }),
  subjects: Type.Optional(Named('subjects')),
  resources: Type.Optional(Named('resources')),
}

const document = <P extends TProperties>(title: string, properties: P): TObject<P> =>
  Type.Object(properties, { ...closed, $schema: 'https://json-schema.org/draft/2020-12/schema', title })

/** Subjects, resources and context that several files of cases share. */
export const FixtureFile = document('Fixtures of decision cases', {
  description: Type.Optional(Type.String()),
  ...Fixtures,
})
export type FixtureFile = Static<typeof FixtureFile>

const heading = {
  description: Type.Optional(Type.String({ minLength: 1 })),
  fixtures: Type.Optional(some('files of fixtures, relative to this one')),
  ...Fixtures,
}

/** A file of cases: who and what by name, and questions with the decision that is wanted, as far as it matters. */
export const CaseFile = document('Decision cases', {
  ...heading,
  cases: Type.Array(Type.Union([ComposedCase, TableCase, WholeCase]), { minItems: 1 }),
})
export type CaseFile = Static<typeof CaseFile>

/** A file of cases apart from the form of each. */
export const CaseSheet = document('Decision cases', {
  ...heading,
  cases: Type.Array(Type.Record(Type.String(), Type.Unknown()), { minItems: 1 }),
})
