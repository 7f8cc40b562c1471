import { parse as parseYaml } from 'yaml'
import { err, ok, type Result } from '../../lib/result.ts'
import { decodeUtf8, parseStrictJson } from '../../lib/strict-json.ts'
import { thrownText } from '../../lib/thrown-text.ts'
import { isObject, type JsonObject } from '../../model/json.ts'

/** The files of a bundle by path. */
export type BundleFiles = ReadonlyMap<string, Uint8Array>

export const MANIFEST = '.manifest'
export const SIGNATURES = '.signatures.json'
export const MODULE = 'policy.wasm'
export const SMOKE = 'smoke.json'

/** Whether OPA takes a file for a document and hashes what it says (v1/bundle/bundle.go, IsStructuredDoc). */
export const isDocument = (path: string): boolean => /(?:^|\/)(?:data\.(?:json|ya?ml)|\.manifest)$/.test(path)

/** A document as JSON text that the strict parser accepts, and what it says. */
export function readDocument(path: string, bytes: Uint8Array): Result<{ text: string; value: unknown }, string> {
  const decoded = decodeUtf8(bytes)
  if (!decoded.ok) return decoded
  const text = /\.ya?ml$/.test(path) ? yamlAsJson(decoded.value) : decoded
  if (!text.ok) return text
  const value = parseStrictJson(text.value)
  return value.ok ? ok({ text: text.value, value: value.value }) : value
}

export function readObject(path: string, bytes: Uint8Array): Result<JsonObject, string> {
  const document = readDocument(path, bytes)
  if (!document.ok) return document
  const { value } = document.value
  return isObject(value) ? ok(value) : err('is no object')
}

function yamlAsJson(text: string): Result<string, string> {
  try {
    return ok(JSON.stringify(parseYaml(text, { maxAliasCount: 0 }) ?? {}))
  } catch (thrown) {
    return err(thrownText(thrown))
  }
}
