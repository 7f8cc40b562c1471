import { resolve } from 'node:path'
import { runOpa } from './opa.ts'

/** What metadata says of a package or rule. */
export type Annotation = {
  readonly scope: string
  /** Below `data`, with dots. */
  readonly path: string
  readonly title?: unknown
  readonly code?: unknown
}

type Inspected = {
  readonly annotations?: readonly {
    readonly path?: readonly { readonly value: unknown }[]
    readonly annotations?: {
      readonly scope?: string
      readonly title?: unknown
      readonly custom?: { readonly code?: unknown }
    }
  }[]
}

/** Undefined when OPA cannot read the tree as a whole. */
export async function readAnnotations(opa: string, policyDir: string): Promise<readonly Annotation[] | undefined> {
  const run = await runOpa(opa, ['inspect', '--annotations', '--format', 'json', '.'], resolve(policyDir))
  if (run.code !== 0) return undefined
  const { annotations = [] }: Inspected = JSON.parse(run.stdout)
  return annotations.map(({ path = [], annotations: { scope = '', title, custom } = {} }) => ({
    scope,
    path: path
      .slice(1)
      .map(({ value }) => value)
      .join('.'),
    ...(title !== undefined && { title }),
    ...(custom?.code !== undefined && { code: custom.code }),
  }))
}
