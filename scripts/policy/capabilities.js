// Which builtins a policy may call: those that the WASM runtime really has, found out by asking a module.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tar from 'tar'

/** @typedef {{ name: string, deprecated?: boolean, relation?: boolean, decl: { args?: unknown[], variadic?: unknown } }} Builtin */
/** @typedef {{ builtins: Builtin[], features: string[], future_keywords: string[] }} Capabilities */

// The compiler rewrites or erases these before there is a module, so no probe can call them.
const COMPILE_TIME = ['assign', 'eq', 'print', 'rego.metadata.chain', 'rego.metadata.rule']

// Parameterised tests compile to it; a test never becomes WASM.
const TEST_ONLY = ['internal.test_case', 'internal.print']

// OPA 2 syntax and the experimental `and` and `or` may still change.
const FEATURES = ['keywords_in_refs', 'rego_v1', 'template_strings']
const KEYWORDS = ['not']

/**
 * @param {string} opa path of the executable
 * @returns {Promise<{ build: object, test: object }>}
 */
export async function generateCapabilities(opa) {
  /** @type {Capabilities} */
  const current = JSON.parse(execFileSync(opa, ['capabilities', '--current'], { encoding: 'utf8' }))
  const probed = current.builtins.filter(
    ({ name, deprecated }) => !deprecated && !COMPILE_TIME.includes(name) && !TEST_ONLY.includes(name),
  )
  // What the module would ask its host for is no builtin of ours. The SDK offers some of them, `sprintf` and
  // `regex.split` among them: the one answers otherwise than OPA, the other is a backtracking RegExp.
  const host = await hostSupplied(opa, probed)
  const native = probed.filter(({ name }) => !host.has(name)).map(({ name }) => name)
  const only = (/** @type {string[]} */ names) => ({
    builtins: current.builtins.filter(({ name }) => names.includes(name)).map(declaration),
    future_keywords: current.future_keywords.filter((keyword) => KEYWORDS.includes(keyword)),
    wasm_abi_versions: [{ version: 1, minor_version: 3 }],
    features: current.features.filter((feature) => FEATURES.includes(feature)),
    allow_net: [],
  })
  const build = [...native, ...COMPILE_TIME]
  return { build: only(build), test: only([...build, ...TEST_ONLY]) }
}

/** What the compiler reads, without the documentation. */
function declaration(/** @type {Builtin} */ builtin) {
  const isDocumentation = (/** @type {string} */ key) => key === 'description' || key === 'categories'
  return JSON.parse(JSON.stringify(builtin, (key, value) => (isDocumentation(key) ? undefined : value)))
}

/** Compiles one module that calls every builtin, and reads which of them it imports. */
async function hostSupplied(/** @type {string} */ opa, /** @type {Builtin[]} */ builtins) {
  const dir = mkdtempSync(join(tmpdir(), 'portcullis-capabilities-'))
  try {
    const rules = builtins.map((builtin) => `p contains ${JSON.stringify(builtin.name)} if ${call(builtin)}`)
    writeFileSync(join(dir, 'probe.rego'), ['package probe', ...rules, ''].join('\n'))
    execFileSync(opa, ['build', '-t', 'wasm', '-e', 'probe/p', '-o', 'bundle.tar.gz', 'probe.rego'], { cwd: dir })
    await tar.extract({ file: join(dir, 'bundle.tar.gz'), cwd: dir, preservePaths: false })
    return importedBuiltins(readFileSync(join(dir, 'policy.wasm')))
  } finally {
    rmSync(dir, { recursive: true })
  }
}

function call(/** @type {Builtin} */ { name, relation, decl }) {
  const args = (decl.args ?? []).map((_, index) => `input[${index}]`)
  return relation ? `${name}(${args.join(', ')}, [_, _])` : `_ = ${name}(${args.join(', ')})`
}

/** Asks a compiled policy for its `builtins` table: name → id of every builtin that the host must supply. */
async function importedBuiltins(/** @type {Uint8Array} */ wasm) {
  const memory = new WebAssembly.Memory({ initial: 64 })
  const refuse = () => {
    throw new Error('the probe is compiled, never evaluated')
  }
  const hooks = ['opa_abort', 'opa_println', 'opa_builtin0', 'opa_builtin1', 'opa_builtin2', 'opa_builtin3']
  const env = { memory, ...Object.fromEntries([...hooks, 'opa_builtin4'].map((hook) => [hook, refuse])) }
  const { instance } = await WebAssembly.instantiate(wasm, { env })
  const { builtins, opa_json_dump: dump } = /** @type {Record<string, CallableFunction>} */ (instance.exports)
  const bytes = new Uint8Array(memory.buffer)
  const start = dump(builtins())
  return new Set(Object.keys(JSON.parse(new TextDecoder().decode(bytes.subarray(start, bytes.indexOf(0, start))))))
}
