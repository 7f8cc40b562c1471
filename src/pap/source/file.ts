import { stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import type { Timer } from '../../lib/deadline.ts'
import { readPackedFile } from '../bundle/packed-file.ts'
import { watchChanges } from './changes.ts'
import { followChanges } from './follow-changes.ts'
import type { Offer, PolicySource } from './source.ts'

export type FileSourceOptions = { readonly file: string; readonly maxBytes: number; readonly timer: Timer }

/** A bundle in a file. Two folders are watched, since a rename puts another file, or another folder, in its place. */
export function createFileSource({ file, maxBytes, timer }: FileSourceOptions): PolicySource {
  const path = resolve(file)
  const folder = dirname(path)
  // `..data` is the link by which Kubernetes swaps all files of a mounted volume at once
  const ways = [dirname(folder), folder, path]
  const concerns = (changed: string) => ways.includes(resolve(changed)) || basename(changed) === '..data'
  const read = () => readOffer(path, maxBytes)
  return {
    kind: 'bundle',
    location: path,
    read,
    follow: (take, signal) =>
      followChanges(
        () => watchChanges({ folders: [dirname(folder), folder], ignored: (changed) => !concerns(changed), timer }),
        async () => take(await read()),
        signal,
      ),
  }
}

async function readOffer(path: string, maxBytes: number): Promise<Offer> {
  const packed = await readPackedFile(path, maxBytes)
  if (packed.ok) return { kind: 'bundle', packed: packed.value }
  const found = await stat(path).catch(() => undefined)
  return { kind: found === undefined ? 'unreachable' : 'refused', faults: packed.error }
}
