import { distinct } from '../../lib/distinct.ts'
import { isSegment } from '../../lib/path-segments.ts'
import type { Prefix } from './policy-data.ts'

export type Path = readonly string[]

/** A file that nobody named. */
const FILE = 'a.txt'
const ELSEWHERE = 'elsewhere'
const DOT_NAME = '.profile'

/** Of whom own folders are asked: the subject, and somebody else. */
export type People = { readonly self: string; readonly other: string }

/**
 * Representative paths of some prefixes: at, inside, deep inside, above and beside each, names that begin like
 * it, names closed to everyone, own folders and those of others. The shortest first.
 */
export function placesFor(
  prefixes: readonly Prefix[],
  names: readonly string[],
  { self, other }: People,
): readonly Path[] {
  const resolved = distinct(prefixes.flatMap((prefix) => [resolve(prefix, self), resolve(prefix, other)])).filter(
    isPath,
  )
  const around = resolved.flatMap((prefix) => aroundPrefix(prefix))
  const closed = resolved.flatMap((prefix) =>
    names.flatMap((name) => [
      [...prefix, name],
      [...prefix, name, FILE],
    ]),
  )
  const anywhere = [[], [FILE], [ELSEWHERE], [ELSEWHERE, FILE], ...names.map((name) => [name])]
  return distinct([...anywhere, ...around, ...closed].filter(isPath)).toSorted((a, b) => a.length - b.length)
}

function aroundPrefix(prefix: Path): readonly Path[] {
  const above = prefix.slice(0, -1)
  const last = prefix.at(-1)
  return [
    prefix,
    [...prefix, FILE],
    [...prefix, DOT_NAME],
    [...prefix, 'folder', FILE],
    ...(last === undefined
      ? []
      : [above, [...above, ELSEWHERE, FILE], [...above, `${last}x`, FILE], [...above, swapCase(last), FILE]]),
  ]
}

const resolve = (prefix: Prefix, id: string): Path => prefix.map((part) => (typeof part === 'string' ? part : id))

const isPath = (path: Path): boolean => path.every((segment) => typeof segment === 'string' && isSegment(segment))

const swapCase = (name: string): string => (name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase())
