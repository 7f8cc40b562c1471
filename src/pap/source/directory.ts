import { realpath } from 'node:fs/promises'
import { basename, dirname, resolve, sep } from 'node:path'
import type { Timer } from '../../lib/deadline.ts'
import { sha256 } from '../../lib/digest.ts'
import type { Result } from '../../lib/result.ts'
import { thrownText } from '../../lib/thrown-text.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { contentRevision, isForeign, readPolicyTree } from '../rego/tree.ts'
import { type Changes, watchChanges } from './changes.ts'
import { followChanges } from './follow-changes.ts'
import { type Offer, type PolicySource, unreachable } from './source.ts'

export type DirectorySourceOptions = {
  readonly dir: string
  /** Builds the bundle of a policy tree. */
  readonly pack: (dir: string) => Promise<Result<Uint8Array, readonly PolicyFault[]>>
  readonly timer: Timer
}

/** A policy tree, built anew as a whole whenever one of its files says something else. */
export function createDirectorySource({ dir, pack, timer }: DirectorySourceOptions): PolicySource {
  const folder = resolve(dir)
  let built = ''

  async function read(): Promise<Offer> {
    try {
      // the mark is taken first: what changes while it is built shows as a change after
      const mark = await markOf(folder)
      const packed = await pack(folder)
      built = packed.ok ? mark : ''
      return packed.ok ? { kind: 'bundle', packed: packed.value } : { kind: 'refused', faults: packed.error }
    } catch (thrown) {
      built = ''
      return unreachable(
        thrownText(thrown).replace(/\.$/, ''),
        'Let the server read the policy folder and run `opa`, or give it a bundle, which needs neither',
      )
    }
  }

  async function readIfChanged(): Promise<Offer> {
    const mark = await markOf(folder).catch(() => undefined)
    return mark !== undefined && mark === built ? { kind: 'unchanged' } : read()
  }

  return {
    kind: 'directory',
    location: folder,
    read,
    follow: (take, signal) =>
      followChanges(
        () => watchTree(folder, timer),
        async () => take(await readIfChanged()),
        signal,
      ),
  }
}

/** With the folder above it, since a deployment puts another folder, or a link to one, in its place. */
async function watchTree(folder: string, timer: Timer): Promise<Changes> {
  const above = dirname(folder)
  const roots = [folder, await realpath(folder).catch(() => folder)]
  const isInside = (path: string) => roots.some((root) => path === root || path.startsWith(root + sep))
  const isOther = (path: string) => !roots.includes(path) && isForeign(basename(path)) && basename(path) !== '.manifest'
  const ignored = (path: string) => path !== above && (!isInside(path) || isOther(path))
  return watchChanges({ folders: [above, ...roots], ignored: (path) => ignored(resolve(path)), timer })
}

/** Says the same of trees that build the same. */
async function markOf(folder: string): Promise<string> {
  const tree = await readPolicyTree(folder)
  return sha256(JSON.stringify([await contentRevision(tree), tree.strange]))
}
