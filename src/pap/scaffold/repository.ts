import { cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { errorCode } from '../../lib/error-code.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { EXAMPLE_CASES } from './example-cases.ts'
import { repositoryTexts } from './repository-texts.ts'

export type RepositoryOptions = {
  /** A folder that is empty or not there. */
  readonly dir: string
  /** The policy tree that it begins with. */
  readonly policies: string
  readonly caseSchema: string
  readonly version: string
}

/** Writes a repository with a policy of one's own, all or nothing; gives where it is. */
export async function createRepository(options: RepositoryOptions): Promise<Result<string, readonly PolicyFault[]>> {
  const dir = resolve(options.dir)
  const before = await contentOf(dir)
  if (before !== undefined) return err([{ message: before, remedy: 'Name a folder that is empty or not there' }])
  await mkdir(dirname(dir), { recursive: true })
  const temporary = await mkdtemp(join(dirname(dir), `.${basename(dir)}-`))
  // a temporary folder is closed to others; what is made in it is not
  const staged = join(temporary, 'staged')
  try {
    await cp(options.policies, join(staged, 'policies'), { recursive: true })
    const texts = { ...repositoryTexts(options.version), 'cases/roles.yaml': EXAMPLE_CASES }
    for (const [path, text] of Object.entries(texts)) {
      await mkdir(dirname(join(staged, path)), { recursive: true })
      await writeFile(join(staged, path), text)
    }
    await cp(options.caseSchema, join(staged, 'case.schema.json'))
    await moveInto(dir, staged)
    return ok(dir)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/** An existing folder stays the one it is: somebody's shell may be in it. */
async function moveInto(dir: string, staged: string): Promise<void> {
  const made = await mkdir(dir, { recursive: true })
  const moved: string[] = []
  try {
    for (const name of await readdir(staged)) {
      await rename(join(staged, name), join(dir, name))
      moved.push(join(dir, name))
    }
  } catch (thrown) {
    await Promise.all([...moved, ...(made === undefined ? [] : [made])].map((path) => rm(path, { recursive: true })))
    throw thrown
  }
}

/** Why a folder cannot be begun in; undefined when it can. */
async function contentOf(dir: string): Promise<string | undefined> {
  try {
    return (await readdir(dir)).length === 0 ? undefined : `${dir} is not empty`
  } catch (thrown) {
    const code = errorCode(thrown)
    if (code === 'ENOENT') return undefined
    if (code === 'ENOTDIR') return `${dir} is no folder`
    throw thrown
  }
}
