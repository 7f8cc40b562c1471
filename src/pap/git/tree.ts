import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { err, ok, type Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { runGit } from './run.ts'

export type GitTree = {
  /** A folder of its own; the user's working tree is not touched. */
  readonly dir: string
  readonly commit: string
  readonly remove: () => Promise<void>
}

type Entry = { readonly object: string; readonly path: string }

const REGULAR = /^100(?:644|755) blob ([0-9a-f]{40,64})\t(.+)$/s

/** Writes what `revision` has at `path` into a temporary folder, byte for byte: no filters, no attributes. */
export async function checkOutTree(
  repository: string,
  revision: string,
  path: string,
): Promise<Result<GitTree, readonly PolicyFault[]>> {
  const commit = await runGit(repository, [
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${revision}^{commit}`,
  ])
  if (commit.code !== 0) {
    const message = commit.stderr.trim() || `there is no folder, bundle or git revision "${revision}"`
    return refused(message, 'Name a folder, a bundle.tar.gz, or a revision such as main or main:policies')
  }
  const name = commit.stdout.toString().trim()
  const listed = await runGit(repository, ['ls-tree', '-r', '-z', '--full-tree', `${name}:${path}`])
  if (listed.code !== 0) {
    return refused(`${revision} has no folder "${path}"`, 'Name the folder too, as in main:path/to/policies')
  }
  const entries = entriesIn(listed.stdout.toString())
  if (!entries.ok) return refused(`${revision}: ${entries.error}`, 'Put the file itself there')
  const contents = await contentsOf(repository, entries.value)
  const dir = await mkdtemp(join(tmpdir(), 'portcullis-revision-'))
  for (const [index, entry] of entries.value.entries()) {
    const file = join(dir, entry.path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, contents[index] ?? '')
  }
  return ok({ dir, commit: name, remove: () => rm(dir, { recursive: true, force: true }) })
}

/** The root of the repository that a folder lies in, and the place of the folder there; undefined outside of one. */
export async function placeInRepository(folder: string): Promise<{ root: string; path: string } | undefined> {
  const run = await runGit(folder, ['rev-parse', '--show-toplevel', '--show-prefix'])
  if (run.code !== 0) return undefined
  const [root = '', path = ''] = run.stdout.toString().split('\n')
  return { root, path: path.replace(/\/$/, '') }
}

function entriesIn(listing: string): Result<readonly Entry[], string> {
  const entries: Entry[] = []
  for (const line of listing.split('\0').filter((text) => text !== '')) {
    const [, object, path] = REGULAR.exec(line) ?? []
    if (object === undefined || path === undefined) return err(`${line.split('\t')[1]} is a link or no regular file`)
    // Git checks names when it writes trees of its own; a repository may come from elsewhere.
    if (path.split('/').some((name) => ['', '.', '..'].includes(name) || name.includes('\\'))) {
      return err(`${JSON.stringify(path)} leads elsewhere`)
    }
    entries.push({ object, path })
  }
  return ok(entries)
}

/** One process for all files: a header line with the size, the content, a line end. */
async function contentsOf(repository: string, entries: readonly Entry[]): Promise<readonly Buffer[]> {
  const wanted = entries.map(({ object }) => `${object}\n`).join('')
  const { stdout } = await runGit(repository, ['cat-file', '--batch'], wanted)
  let at = 0
  return entries.map(() => {
    const end = stdout.indexOf('\n', at)
    const size = Number(stdout.subarray(at, end).toString().split(' ')[2])
    at = end + 1 + size + 1
    return stdout.subarray(end + 1, end + 1 + size)
  })
}

const refused = (message: string, remedy: string): { ok: false; error: readonly PolicyFault[] } =>
  err([{ message, remedy }])
