import { resolve } from 'node:path'
import { DECISION, MASK, REPORT } from '../../pdp/entrypoints.ts'
import { type Module, pathOf } from '../rego/module.ts'
import { type OpaRun, runOpa } from '../rego/opa.ts'

/** What may be asked of a compiled policy, as far as it defines it. */
export const ENTRYPOINTS: readonly string[] = [DECISION, REPORT, MASK]

export function entrypointsOf(modules: readonly Module[]): readonly string[] {
  const defined = new Set(modules.flatMap((module) => module.rules.map((rule) => pathOf(module, rule).join('/'))))
  return ENTRYPOINTS.filter((path) => defined.has(path))
}

/** `opa build` in the root of a tree, since names and hashes depend on where it runs. */
export const runOpaBuild = (
  root: string,
  options: {
    readonly opa: string
    readonly capabilities: string
    readonly revision: string
    readonly out: string
    readonly entrypoints: readonly string[]
  },
): Promise<OpaRun> =>
  runOpa(
    options.opa,
    [
      'build',
      ...['-t', 'wasm', '-b', '.', '-o', options.out, '-r', options.revision],
      ...['--prune-unused', '--ignore', '*_test.rego', '--capabilities', resolve(options.capabilities)],
      ...options.entrypoints.flatMap((path) => ['-e', path]),
    ],
    root,
  )
