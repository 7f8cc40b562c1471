import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { readArchive } from '../bundle/archive.ts'
import { readAnnotations } from '../rego/annotations.ts'
import type { Place } from './frames.ts'

/** Rego and data as OPA reads them, in a folder. */
export type Sources = {
  readonly root: string
  /** True for a policy tree; a bundle's sources come without the rules of its entrypoints. */
  readonly whole: boolean
  readonly close: () => Promise<void>
}

export const treeSources = (root: string): Sources => ({ root, whole: true, close: async () => undefined })

/** The sources that `opa build` left in a bundle; undefined when whoever packed it took them out. */
export async function bundleSources(packed: Uint8Array): Promise<Sources | undefined> {
  const files = readArchive(gunzipSync(packed))
  if (!files.ok) return undefined
  const wanted = [...files.value].filter(([path]) => /(?:\.rego|(?:^|\/)data\.(?:json|ya?ml))$/.test(path))
  if (!wanted.some(([path]) => path.endsWith('.rego'))) return undefined
  const root = await mkdtemp(join(tmpdir(), 'portcullis-sources-'))
  for (const [path, bytes] of wanted) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), bytes)
  }
  return { root, whole: false, close: () => rm(root, { recursive: true, force: true }) }
}

/** Looks lines up in files that are read beforehand, one time each. */
export async function readLines(root: string, files: readonly string[]): Promise<(place: Place) => string> {
  const read = [...new Set(files)].map(async (file) => {
    const text = await readFile(join(root, file), 'utf8').catch(() => '')
    return [file, text.split('\n')] as const
  })
  const lines = new Map(await Promise.all(read))
  return ({ file, line }) => lines.get(file)?.[line - 1]?.trim() ?? ''
}

export type Label = { readonly title?: string; readonly code?: string }

/** Titles and codes by the path of the package or rule that they annotate. */
export async function readLabels(opa: string, root: string): Promise<ReadonlyMap<string, Label>> {
  const annotations = (await readAnnotations(opa, root)) ?? []
  return new Map(
    annotations.map(({ path, title, code }) => [
      `data.${path}`,
      { ...(typeof title === 'string' && { title }), ...(typeof code === 'string' && { code }) },
    ]),
  )
}
