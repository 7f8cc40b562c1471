import type { CompletionArguments, CompletionRef } from '../model/call.ts'
import type { Offer } from '../model/offer.ts'
import type { Complete } from '../model/prompt.ts'

/** As many as the protocol lets through at once. */
const MAX_VALUES = 100

export type Completion = { readonly values: readonly string[]; readonly total: number; readonly hasMore: boolean }

const NONE: Completion = { values: [], total: 0, hasMore: false }

export type ExecuteCompletion = (of: CompletionRef, argument: CompletionArguments) => Promise<Completion>

/** Completes arguments: an argument that nobody completes has no values, which is an answer. */
export function createCompleter({
  prompts,
  resourceTemplates,
}: Pick<Offer, 'prompts' | 'resourceTemplates'>): ExecuteCompletion {
  const of = { prompt: new Map<string, Completes>(), resource_template: new Map<string, Completes>() }
  for (const { name, complete } of prompts) of.prompt.set(name, complete)
  for (const { uriTemplate, complete } of resourceTemplates) of.resource_template.set(uriTemplate, complete)

  return async ({ type, id }, { name, value, given }) => {
    const complete = of[type].get(id)
    const values = complete && Object.hasOwn(complete, name) ? await complete[name]?.(value, given) : undefined
    if (values === undefined) return NONE
    return { values: values.slice(0, MAX_VALUES), total: values.length, hasMore: values.length > MAX_VALUES }
  }
}

type Completes = Readonly<Record<string, Complete>>
