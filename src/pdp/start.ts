import { err, ok, type Result } from '../lib/result.ts'
import type { PolicyFault } from '../model/policy-fault.ts'
import { missingBuiltins } from './builtins.ts'
import { createInstances, type Instances } from './instances.ts'
import type { LoadedBundle } from './loaded-bundle.ts'
import { causeOf, compile, type Instance, instantiate } from './sdk.ts'

type Started = { readonly instances: Instances; readonly entrypoints: Readonly<Record<string, number>> }

/** Compiles a bundle's module once and makes the first instance and its spare, if the host can run it. */
export async function startInstances(
  bundle: LoadedBundle,
  entrypoint: string,
): Promise<Result<Started, readonly PolicyFault[]>> {
  try {
    const module = await compile(bundle.wasm)
    const text = new TextEncoder().encode(JSON.stringify(bundle.data))
    const data = text.buffer.slice(0, text.byteLength)
    const make = () => instantiate(module, data)
    const first = await make()
    const faults = incompatibilities(first, entrypoint)
    if (faults.length > 0) return err(faults)
    return ok({ instances: createInstances(first, await make(), make), entrypoints: first.entrypoints })
  } catch (thrown) {
    return err([
      {
        file: 'policy.wasm',
        message: `cannot be started: ${causeOf(thrown)}`,
        remedy: 'Build the bundle again with `portcullis build`',
      },
    ])
  }
}

function incompatibilities(instance: Instance, entrypoint: string): readonly PolicyFault[] {
  const file = 'policy.wasm'
  const faults: PolicyFault[] = []
  const { opa_wasm_abi_version: major } = instance.wasmInstance.exports as {
    opa_wasm_abi_version?: { value?: unknown }
  }
  // Before 1.2 there is no `opa_eval`, and the SDK takes a path that leaks. One without a version it takes for 1.
  if (major?.value !== 1 || !(instance.minorVersion >= 2)) {
    faults.push({
      file,
      message: `has WASM ABI ${major?.value ?? '?'}.${instance.minorVersion ?? '?'}; 1.2 is the least`,
      remedy: 'Build the bundle with OPA 1.22',
    })
  }
  if (!Object.hasOwn(instance.entrypoints, entrypoint)) {
    faults.push({
      file,
      message: `has no entrypoint ${entrypoint}, only ${Object.keys(instance.entrypoints).join(', ') || 'none'}`,
      remedy: 'Define the rule `decision` in package mcp.main and build with it as an entrypoint',
    })
  }
  const missing = missingBuiltins(instance)
  if (missing.length > 0) {
    faults.push({
      file,
      message: `calls builtins that this host does not have: ${missing.join('; ')}`,
      remedy: 'Write the rule without them; `portcullis build` refuses them with the line',
    })
  }
  return faults
}
