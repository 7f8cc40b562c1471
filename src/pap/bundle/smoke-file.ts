import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { err, ok, type Result } from '../../lib/result.ts'
import { isObject, type JsonObject } from '../../model/json.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { SmokeCase } from '../../pdp/loaded-bundle.ts'
import { Want } from '../test/case-format.ts'
import type { Case } from '../test/cases.ts'
import { type BundleFiles, readObject, SMOKE } from './documents.ts'

const MAX_CASES = 1_000

const { record: _, ...ofDecision } = Want.properties
const WantedDecision = Type.Object(ofDecision, { additionalProperties: false, minProperties: 1 })

const packed = Compile(
  Type.Object(
    {
      cases: Type.Array(
        Type.Object(
          { note: Type.String(), input: Type.Record(Type.String(), Type.Unknown()), want: WantedDecision },
          { additionalProperties: false },
        ),
        { maxItems: MAX_CASES },
      ),
    },
    { additionalProperties: false },
  ),
)

/** Cases as a bundle carries them: written out, so that who loads it needs no fixtures. OPA passes the file over. */
export function packSmoke(cases: readonly Case[]): Result<Uint8Array, readonly PolicyFault[]> {
  const asked = cases.filter(({ skip }) => skip === undefined)
  const document = { cases: asked.map(({ name, input, want }) => ({ note: name, input, want })) }
  const unfit = asked.find((one) => 'record' in one.want || one.data !== undefined || !isObject(one.input))
  if (unfit === undefined && asked.length > 0 && packed.Check(document))
    return ok(new TextEncoder().encode(JSON.stringify(document)))
  if (unfit === undefined) {
    const remedy = `Give from 1 to ${MAX_CASES} cases`
    return err([{ message: `there are ${asked.length} smoke cases`, remedy }])
  }
  const { file, line, name } = unfit
  const message = `case "${name}" cannot be asked when a bundle is loaded`
  return err([
    { file, line, message, remedy: 'Give an input that is an object and no data, and want a decision, not a record' },
  ])
}

/** Undefined when the bundle carries none. */
export function readPackedSmoke(files: BundleFiles): Result<readonly SmokeCase[] | undefined, string> {
  const bytes = files.get(SMOKE)
  if (bytes === undefined) return ok(undefined)
  const document = readObject(SMOKE, bytes)
  if (!document.ok) return document
  if (packed.Check(document.value))
    return ok(document.value.cases as readonly { note: string; input: JsonObject; want: JsonObject }[])
  const [fault] = packed.Errors(document.value)
  return err(`${fault?.instancePath || '/'} ${fault?.message}`)
}
