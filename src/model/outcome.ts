import { type Static, Type } from 'typebox'

/**
 * How a permitted call ended. `input_required` asks its caller for something first; `confined` is a place that the
 * workspace refused to open; `failed` is a throw; `cancelled` is a modern caller that went away. Only `confined`
 * and `not_run` are refunded.
 */
export const OutcomeStatus = Type.Union([
  Type.Literal('completed'),
  Type.Literal('input_required'),
  Type.Literal('fault'),
  Type.Literal('confined'),
  Type.Literal('failed'),
  Type.Literal('cancelled'),
  Type.Literal('not_run'),
])
export type OutcomeStatus = Static<typeof OutcomeStatus>

export type Outcome = {
  readonly status: OutcomeStatus
  /** Code of the fault, when there is one. */
  readonly fault?: string
  /** Size of what the tool answered. */
  readonly bytes: number
  /** sha256 of the arguments that ran, to be compared with those decided on. */
  readonly argumentsSha256?: string
}
