// JSON schemas of the models: as they are for those who read decisions and records or write cases, and in OPA's
// subset for `opa check --schema`.
import { register } from 'node:module'

const MODEL = new URL('../../src/model/', import.meta.url)

/** @returns {Promise<Record<string, object>>} file name → schema */
export async function generateSchemas() {
  register(new URL('typescript.js', import.meta.url))
  const [{ PolicyInput }, { Decision }, { LogRecord, DecisionRecord }] = await Promise.all(
    ['input.ts', 'decision.ts', 'record.ts'].map((file) => import(new URL(file, MODEL).href)),
  )
  const { CaseFile, FixtureFile } = await import(new URL('../pap/test/case-format.ts', MODEL).href)
  return {
    'schemas/input.json': inOpaSubset(PolicyInput),
    'schemas/record.json': inOpaSubset(DecisionRecord),
    'contracts/input.json': PolicyInput,
    'contracts/decision.json': Decision,
    'contracts/record.json': LogRecord,
    '../../test/policy/case.schema.json': CaseFile,
    '../../test/policy/fixtures.schema.json': FixtureFile,
  }
}

/**
 * OPA types values by `type`, `properties`, `items` and `required` alone; it refuses or ignores the rest.
 * A union of one type is that type, any other union is anything.
 *
 * @param {Record<string, any>} schema
 * @returns {object}
 */
function inOpaSubset({ type, description, properties, required, items, anyOf, const: constant }) {
  const types = new Set((anyOf ?? []).map((/** @type {{ type?: string }} */ member) => member.type))
  const [only] = types.size === 1 ? types : [type ?? (constant === undefined ? undefined : typeof constant)]
  return {
    ...(only === undefined ? {} : { type: only }),
    ...(description === undefined ? {} : { description }),
    ...(properties === undefined ? {} : { properties: mapped(properties) }),
    ...(required === undefined ? {} : { required }),
    ...(items === undefined ? {} : { items: inOpaSubset(items) }),
  }
}

const mapped = (/** @type {Record<string, object>} */ properties) =>
  Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, inOpaSubset(schema)]))
