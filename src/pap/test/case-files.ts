import { readdir, stat } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { err, ok, type Result } from '../../lib/result.ts'
import { type SchemaFault, schemaFaults, schemaOf } from '../../lib/schema-faults.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { type CaseFile, CaseSheet, ComposedCase, FixtureFile, TableCase, WholeCase } from './case-format.ts'
import { type Case, writeOut } from './cases.ts'
import { type Checked, createSheetReader } from './sheet.ts'

export type CaseReader = {
  readonly read: () => Promise<Result<readonly Case[], readonly PolicyFault[]>>
  /** Paths of the fixtures that were last read. */
  readonly fixtures: () => readonly string[]
}

/**
 * Every case of every YAML file below a folder, those aside that others name as fixtures. What was read
 * is kept: a file is parsed again only when its text is another.
 */
export function createCaseReader(options: {
  /** A folder, or one file. */
  readonly casesDir: string
  /** What names of files are relative to. */
  readonly root: string
}): CaseReader {
  const { casesDir, root } = options
  const sheetAt = createSheetReader<CaseFile>(root, caseFileFaults)
  const fixturesAt = createSheetReader<FixtureFile>(root, fixtureFaults)

  let shared: ReadonlySet<string> = new Set()

  async function read(): Promise<Result<readonly Case[], readonly PolicyFault[]>> {
    const files = await yamlFiles(casesDir)
    if (files === undefined || files.length === 0) {
      const message = files === undefined ? 'there is no such folder or file' : 'there are no YAML files in this folder'
      return err([{ file: relative(root, casesDir) || '.', message, remedy: 'Name a folder of cases: --cases DIR' }])
    }
    shared = new Set((await Promise.all(files.map(fixtureNames))).flat())
    const parts = await Promise.all(files.filter((file) => !shared.has(file)).map(casesIn))
    const faults = parts.flatMap((part) => (part.ok ? [] : part.error))
    return faults.length > 0 ? err(faults) : ok(parts.flatMap((part) => (part.ok ? part.value : [])))
  }

  async function fixtureNames(file: string): Promise<readonly string[]> {
    const sheet = await sheetAt(file)
    return sheet.ok ? (sheet.value.content.fixtures ?? []).map((name) => resolve(dirname(file), name)) : []
  }

  async function casesIn(file: string): Promise<Result<readonly Case[], readonly PolicyFault[]>> {
    const sheet = await sheetAt(file)
    if (!sheet.ok) return sheet
    const fixtures = await Promise.all((await fixtureNames(file)).map(fixturesAt))
    const faults = fixtures.flatMap((part) => (part.ok ? [] : part.error))
    if (faults.length > 0) return err(faults)
    return writeOut(
      sheet.value,
      fixtures.flatMap((part): readonly Checked<FixtureFile>[] => (part.ok ? [part.value] : [])),
    )
  }

  return { read, fixtures: () => [...shared] }
}

const sheetFaults = faultsBy(CaseSheet)
const fixtureFaults = faultsBy(FixtureFile)
const wholeFaults = faultsBy(WholeCase)
const tableFaults = faultsBy(TableCase)
const composedFaults = faultsBy(ComposedCase)

/** Undefined when there is nothing at this path. */
async function yamlFiles(path: string): Promise<readonly string[] | undefined> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return undefined
  if (found.isFile()) return [resolve(path)]
  const files = await readdir(path, { recursive: true })
  return files
    .filter((file) => /\.ya?ml$/.test(file))
    .map((file) => resolve(path, file))
    .toSorted()
}

/** Each case is held to the one form that it means to have, so that its faults are those of that form alone. */
function caseFileFaults(value: unknown): readonly SchemaFault[] {
  const faults = sheetFaults(value)
  if (faults.length > 0) return faults
  return (value as CaseFile).cases.flatMap((one, index) => {
    const faultsOf = 'input' in one ? wholeFaults : 'table' in one ? tableFaults : composedFaults
    return faultsOf(one).map((fault) => ({ ...fault, members: ['cases', String(index), ...fault.members] }))
  })
}

/** Naming faults takes ten times longer than a compiled check (measured), which is made when first needed. */
function faultsBy(schema: TSchema): (value: unknown) => readonly SchemaFault[] {
  let compiled: { readonly Check: (value: unknown) => boolean } | undefined
  return (value) => {
    compiled ??= Compile(schema)
    return compiled.Check(value) ? [] : schemaFaults(schema, value).map(wholly(schema))
  }
}

/** A value that fits no branch of a union is told of all of them, not of the first. */
const wholly =
  (schema: TSchema) =>
  (fault: SchemaFault): SchemaFault =>
    fault.kind === 'wrong' ? { ...fault, schema: schemaOf(schema, fault.members) ?? fault.schema } : fault
