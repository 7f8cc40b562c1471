import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { isForeign } from '../rego/tree.ts'

/** Fixed, since how much of a commit's name git itself abbreviates to depends on the clone. */
const LENGTH = 12

/** The commit that a policy tree is checked out from; undefined when it is changed, or not in a repository at all. */
export async function commitOf(policyDir: string): Promise<string | undefined> {
  const cwd = resolve(policyDir)
  const [commit, status] = await Promise.all([
    git(cwd, 'rev-parse', '--verify', 'HEAD^{commit}'),
    git(cwd, 'status', '--porcelain', '--ignored', '--untracked-files=all', '-z', '--', '.'),
  ])
  if (commit === undefined || status === undefined) return undefined
  const isClean = status.split('\0').every((entry) => entry === '' || isOfOthers(entry.slice(3)))
  return isClean ? commit.trim().slice(0, LENGTH) : undefined
}

/** What no build looks at may be there without being committed. */
const isOfOthers = (path: string): boolean => path.split('/').some((name) => name !== '.manifest' && isForeign(name))

/** The folder alone says what is meant: GIT_DIR and the like, which a hook has set, would name another. */
function git(cwd: string, ...args: readonly string[]): Promise<string | undefined> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')))
  return new Promise((done) => {
    execFile('git', ['-C', cwd, ...args], { env, maxBuffer: 16 * 1024 * 1024, timeout: 30_000 }, (error, stdout) =>
      done(error === null ? stdout : undefined),
    )
  })
}
