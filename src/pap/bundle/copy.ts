import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { err, type Result } from '../../lib/result.ts'
import { thrownText } from '../../lib/thrown-text.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { isForeign, readPolicyTree } from '../rego/tree.ts'
import { MANIFEST } from './documents.ts'

/**
 * Works on a copy of a policy tree with lines that end alike everywhere: a clone may have made them CRLF. There
 * is a folder for other files beside it.
 */
export async function withCopy<T>(
  policyDir: string,
  work: (copy: string, folder: string) => Promise<Result<T, readonly PolicyFault[]>>,
): Promise<Result<T, readonly PolicyFault[]>> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-build-'))
  try {
    const copy = join(folder, 'policies')
    const from = resolve(policyDir)
    const fault = (await isFolder(from)) ? await copyTree(from, copy) : undefined
    return fault === undefined ? await work(copy, folder) : err([fault])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )

async function copyTree(from: string, to: string): Promise<PolicyFault | undefined> {
  try {
    const filter = (path: string) => path === from || basename(path) === MANIFEST || !isForeign(basename(path))
    await cp(from, to, { recursive: true, verbatimSymlinks: true, filter })
    const { modules, documents, hasManifest } = await readPolicyTree(to)
    await Promise.all(
      [...modules, ...documents, ...(hasManifest ? [MANIFEST] : [])].map((file) => endLines(join(to, file))),
    )
    return undefined
  } catch (thrown) {
    return { message: thrownText(thrown), remedy: 'Let the folder and all that is in it be read' }
  }
}

async function endLines(path: string): Promise<void> {
  const bytes = await readFile(path)
  if (bytes.includes('\r\n'))
    await writeFile(path, Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'))
}
