import { resolve } from 'node:path'
import { isForeign } from '../rego/tree.ts'
import { runGit } from './run.ts'

/** Fixed, since how much of a commit's name git itself abbreviates to depends on the clone. */
const LENGTH = 12

/** The commit that a policy tree is checked out from; undefined when it is changed, or not in a repository at all. */
export async function commitOf(policyDir: string): Promise<string | undefined> {
  const folder = resolve(policyDir)
  const [commit, status] = await Promise.all([
    runGit(folder, ['rev-parse', '--verify', 'HEAD^{commit}']),
    runGit(folder, ['status', '--porcelain', '--ignored', '--untracked-files=all', '-z', '--', '.']),
  ])
  if (commit.code !== 0 || status.code !== 0) return undefined
  const entries = status.stdout.toString().split('\0')
  const isClean = entries.every((entry) => entry === '' || isOfOthers(entry.slice(3)))
  return isClean ? commit.stdout.toString().trim().slice(0, LENGTH) : undefined
}

/** What no build looks at may be there without being committed. */
const isOfOthers = (path: string): boolean => path.split('/').some((name) => name !== '.manifest' && isForeign(name))
