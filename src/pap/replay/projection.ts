import { valueAt } from '../../model/json.ts'
import type { InputReads } from '../../pdp/loaded-bundle.ts'

/** Names inputs that a policy cannot tell apart alike. */
export function createProjection({ values, types }: InputReads): (input: unknown) => string {
  return (input) =>
    JSON.stringify([
      values.map((path) => boxed(valueAt(input, path))),
      types.map((path) => typeOf(valueAt(input, path))),
    ])
}

/** JSON has no undefined, and null is a value. */
const boxed = (value: unknown): readonly unknown[] => (value === undefined ? [] : [value])

const typeOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)
