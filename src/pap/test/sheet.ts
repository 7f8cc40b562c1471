import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import type { TSchema } from 'typebox'
import { closest } from '../../lib/closest.ts'
import { parseLocatedYaml } from '../../lib/located-yaml.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { expectation, type SchemaFault } from '../../lib/schema-faults.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'

const REMEDY = 'Correct the file; test/policy/case.schema.json describes its form'

/** A file whose form was checked. */
export type Checked<T> = {
  readonly file: string
  readonly content: T
  /** Where a value stands, or else what holds it. */
  readonly lineOf: (members: readonly string[]) => number
}

/** Reads YAML files and checks their form; one is parsed again only when its text is another. */
export function createSheetReader<T>(root: string, faultsOf: (value: unknown) => readonly SchemaFault[]) {
  const kept = new Map<string, { text: string; sheet: Result<Checked<T>, readonly PolicyFault[]> }>()
  return async (path: string): Promise<Result<Checked<T>, readonly PolicyFault[]>> => {
    const file = relative(root, path)
    const text = await readFile(path, 'utf8').catch(() => undefined)
    if (text === undefined) {
      return err([{ file, message: 'cannot be read', remedy: 'Correct the name, relative to the file that names it' }])
    }
    const before = kept.get(path)
    if (before?.text === text) return before.sheet
    const sheet = check<T>(file, text, faultsOf)
    kept.set(path, { text, sheet })
    return sheet
  }
}

function check<T>(
  file: string,
  text: string,
  faultsOf: (value: unknown) => readonly SchemaFault[],
): Result<Checked<T>, readonly PolicyFault[]> {
  const document = parseLocatedYaml(text)
  if (!document.ok) return err(document.error.map(({ line, message }) => ({ file, line, message, remedy: REMEDY })))
  const lineOf = (members: readonly string[]): number =>
    document.value.locate(members)?.line ?? (members.length === 0 ? 1 : lineOf(members.slice(0, -1)))
  const merge = mergeKey(document.value.value, [])
  if (merge !== undefined) {
    const message = '"<<" merges nothing in YAML 1.2'
    return err([{ file, line: lineOf(merge), message, remedy: 'Write its members out' }])
  }
  const faults = faultsOf(document.value.value)
  if (faults.length === 0) return ok({ file, content: document.value.value as T, lineOf })
  return err(faults.map((fault) => ({ file, line: lineOf(fault.members), message: describe(fault), remedy: REMEDY })))
}

/** Inputs are open: a merge that YAML 1.2 no longer knows would be taken for an attribute, and nobody would notice. */
function mergeKey(value: unknown, place: readonly string[]): readonly string[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (Object.hasOwn(value, '<<')) return [...place, '<<']
  for (const [name, member] of Object.entries(value)) {
    const found = mergeKey(member, [...place, name])
    if (found !== undefined) return found
  }
  return undefined
}

function describe(fault: SchemaFault): string {
  const name = fault.members.at(-1) ?? 'the document'
  switch (fault.kind) {
    case 'unknown': {
      const meant = closest(name, fault.siblings)
      return `"${name}" is nothing that can stand here${meant === undefined ? '' : `; "${meant}" is`}`
    }
    case 'missing':
      return `"${name}" is missing`
    case 'wrong':
      return `"${name}" must be ${expected(fault.schema)}`
  }
}

const expected = (schema: TSchema): string => {
  const { anyOf, const: constant, format } = schema as { anyOf?: readonly TSchema[]; const?: unknown; format?: string }
  if (format === 'date-time') return 'a time like 2026-11-22T15:44:00Z'
  if (anyOf !== undefined) return [...new Set(anyOf.map(expected))].join(', or ')
  return constant === undefined ? expectation(schema) : String(constant)
}
