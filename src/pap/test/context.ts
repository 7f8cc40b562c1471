import type { Context } from '../../model/input.ts'

type Said = { readonly time?: string; readonly context?: Readonly<Record<string, unknown>> }

/** What a file or case says of the context; a member that it names goes before what its time implies. */
export function contextOf(said: object): Readonly<Record<string, unknown>> {
  const { time, context } = said as Said
  return { ...(time !== undefined && clockAt(time)), ...context }
}

/** All that the context says of one moment, as the gateway would. */
function clockAt(text: string): Pick<Context, 'time' | 'unix' | 'weekday' | 'hour' | 'minute'> {
  const moment = new Date(text)
  return {
    time: moment.toISOString(),
    unix: Math.floor(moment.getTime() / 1000),
    weekday: moment.getUTCDay() === 0 ? 7 : moment.getUTCDay(),
    hour: moment.getUTCHours(),
    minute: moment.getUTCMinutes(),
  }
}
