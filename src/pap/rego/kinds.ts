import { type TObject, type TString, Type } from 'typebox'
import { Limit, Obligation, Reason } from '../../model/decision.ts'

/** The kinds of rules that a decision is composed of. */
export const KINDS = ['permit', 'deny', 'deny_call', 'scope', 'limit', 'oblige'] as const
export type Kind = (typeof KINDS)[number]

/** What a rule of a kind says, once for each time it fires. */
export type Statement = { readonly noun: string; readonly schema: TObject | TString; readonly remedy: string }

const reason: Statement = {
  noun: 'reason',
  schema: Reason,
  remedy:
    'Import data.mcp.lib.result, say result.reason(rego.metadata.chain()), and write the words as the title of the package',
}

const namesIn = (schema: TObject): string => Object.keys(schema.properties).join(', ')

export const STATEMENTS: Readonly<Record<Kind, Statement>> = {
  permit: reason,
  deny: reason,
  deny_call: reason,
  scope: { noun: 'scope', schema: Type.String(), remedy: 'Say the name of a scope' },
  limit: { noun: 'limit', schema: Limit, remedy: `Say an object with exactly ${namesIn(Limit)}` },
  oblige: { noun: 'obligation', schema: Obligation, remedy: `Say an object with exactly ${namesIn(Obligation)}` },
}
