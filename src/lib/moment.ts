/** A moment as policies read it: all of it UTC. */
export type Moment = {
  /** RFC 3339, milliseconds. */
  readonly time: string
  /** Seconds. */
  readonly unix: number
  /** ISO 8601: 1 is Monday. */
  readonly weekday: number
  readonly hour: number
  readonly minute: number
}

export const momentOf = (date: Date): Moment => ({
  time: date.toISOString(),
  unix: Math.floor(date.getTime() / 1000),
  weekday: date.getUTCDay() || 7,
  hour: date.getUTCHours(),
  minute: date.getUTCMinutes(),
})
