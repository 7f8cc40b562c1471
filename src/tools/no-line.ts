import type { CallerLine } from '../model/caller.ts'

const nothing = () => undefined

/** For a call whose caller asked for nothing and can be asked for nothing. */
export const NO_LINE: CallerLine = {
  input: { capabilities: {}, responses: {} },
  progress: nothing,
  log: nothing,
  changed: nothing,
}
