import { momentOf } from '../../lib/moment.ts'

type Said = { readonly time?: string; readonly context?: Readonly<Record<string, unknown>> }

/** What a file or case says of the context; a member that it names goes before what its time implies. */
export function contextOf(said: object): Readonly<Record<string, unknown>> {
  const { time, context } = said as Said
  return { ...(time !== undefined && momentOf(new Date(time))), ...context }
}
