import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { sha256 } from '../../lib/digest.ts'

/** The files of a policy tree, relative to its root with `/`, sorted. */
export type PolicyTree = {
  readonly root: string
  readonly modules: readonly string[]
  readonly tests: readonly string[]
  /** Every YAML and JSON file, whether OPA would load it or not. */
  readonly documents: readonly string[]
  readonly hasManifest: boolean
  /** Links and other things that are neither file nor folder. */
  readonly strange: readonly string[]
}

/** Folders whose name begins with a dot, and `node_modules`, belong to other tools. */
export const isForeign = (name: string): boolean => name.startsWith('.') || name === 'node_modules'

export async function readPolicyTree(root: string): Promise<PolicyTree> {
  const found = (await entriesBelow(root, '')).toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const files = found.filter(({ isFile }) => isFile).map(({ path }) => path)
  const rego = files.filter((file) => file.endsWith('.rego'))
  return {
    root,
    modules: rego.filter((file) => !file.endsWith('_test.rego')),
    tests: rego.filter((file) => file.endsWith('_test.rego')),
    documents: files.filter((file) => /\.(?:ya?ml|json)$/.test(file)),
    hasManifest: files.includes('.manifest'),
    strange: found.filter(({ isFile }) => !isFile).map(({ path }) => path),
  }
}

type Found = { readonly path: string; readonly isFile: boolean }

async function entriesBelow(root: string, folder: string): Promise<readonly Found[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true })
  const below = entries.map((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (!entry.isDirectory()) return [{ path, isFile: entry.isFile() }]
    return isForeign(entry.name) ? [] : entriesBelow(root, path)
  })
  return (await Promise.all(below)).flat()
}

/** Tools that are not ours and that the tree itself describes. */
export async function vouchedTools(tree: PolicyTree): Promise<readonly string[]> {
  const names = tree.documents
    .filter((file) => /^mcp\/catalogue\/data\.(?:yaml|json)$/.test(file))
    .map(async (file) => Object.keys(parse(await readFile(join(tree.root, file), 'utf8')) ?? {}))
  return (await Promise.all(names)).flat()
}

/** Names what the tree says, tests aside: the same files give the same revision anywhere. */
export async function contentRevision(tree: PolicyTree): Promise<string> {
  const files = [...(tree.hasManifest ? ['.manifest'] : []), ...tree.modules, ...tree.documents]
  const sums = await Promise.all(
    files.map(async (file) => `${file}\0${sha256(await readFile(join(tree.root, file)))}\n`),
  )
  return sha256(sums.join('')).slice(0, 16)
}
