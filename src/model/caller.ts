import type { Json, JsonObject } from './json.ts'

/** RFC 5424 severities, from the least. */
export const LOG_LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** What a client may be asked for in the middle of a call. */
export const CLIENT_CAPABILITIES = ['elicitation', 'sampling', 'roots'] as const
export type ClientCapability = (typeof CLIENT_CAPABILITIES)[number]

/** What a call asks its caller for (2026-07-28, basic/patterns/mrtr). */
export type InputRequest =
  | { readonly method: 'elicitation/create'; readonly params: JsonObject }
  | { readonly method: 'sampling/createMessage'; readonly params: JsonObject }
  | { readonly method: 'roots/list'; readonly params?: JsonObject }

/** An answer that is not the end: the caller asks again, with what it was asked for. */
export type InputRequired = {
  readonly inputRequired: {
    readonly requests: Readonly<Record<string, InputRequest>>
    /** Comes back with the next call: sealed, and only from this caller for this call. */
    readonly state?: Json
  }
}
export const inputRequired = (requests: Readonly<Record<string, InputRequest>>, state?: Json): InputRequired => ({
  inputRequired: { requests, ...(state !== undefined && { state }) },
})

/** What the caller says it can be asked for, and what it answered so far. Its answers are its own words: check them. */
export type CallerInput = {
  readonly capabilities: Readonly<Partial<Record<ClientCapability, JsonObject>>>
  readonly responses: Readonly<Record<string, JsonObject>>
  readonly state?: Json
}

/** What changed, for those who subscribed to it. */
export type Change =
  | { readonly kind: 'tools' | 'prompts' | 'resources' }
  | { readonly kind: 'resource'; readonly uri: string }

/** The way back to the caller while a call runs. None of it can fail, and what nobody asked for goes nowhere. */
export type CallerLine = {
  readonly input: CallerInput
  readonly progress: (progress: number, total?: number, message?: string) => void
  readonly log: (level: LogLevel, data: Json) => void
  readonly changed: (change: Change) => void
}
