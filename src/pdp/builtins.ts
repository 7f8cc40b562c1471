import type { Instance } from './sdk.ts'

/** In the SDK, but not to be used: what OPA evaluates differs, or an input can make them run for long. */
const UNFIT: Readonly<Record<string, string>> = {
  sprintf: 'the SDK\'s differs from OPA\'s; use a template string, $"… {x}"',
  'regex.split': "the SDK's follows JavaScript, not RE2; use regex.match or split",
  'yaml.is_valid': 'not bounded; give the policy JSON',
  'yaml.marshal': 'not bounded; give the policy JSON',
  'yaml.unmarshal': 'not bounded; give the policy JSON',
}

type Exports = {
  readonly builtins: () => number
  readonly opa_json_dump: (address: number) => number
}

/**
 * The builtins that a compiled policy wants from its host, each with the reason why it does not get it.
 * This host supplies none: all that a policy may use is compiled into the module. The SDK would notice
 * only when the first decision calls one.
 */
export function missingBuiltins(instance: Instance): readonly string[] {
  return Object.keys(importedBuiltins(instance))
    .toSorted()
    .map((name) => `${name} (${UNFIT[name] ?? 'not available in WASM'})`)
}

function importedBuiltins({ wasmInstance, mem }: Instance): Readonly<Record<string, number>> {
  const { builtins, opa_json_dump } = wasmInstance.exports as Exports
  const start = opa_json_dump(builtins())
  const memory = new Uint8Array(mem.buffer)
  return JSON.parse(new TextDecoder().decode(memory.subarray(start, memory.indexOf(0, start))))
}
