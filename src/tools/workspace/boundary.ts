import type { Confine } from '../../model/decision.ts'

/** Names of unfinished writes: never listed, read or written to by their name. */
export const TEMPORARY_PREFIX = '.portcullis-'

type Segments = readonly string[]

/** What the obligations leave open. */
export type Boundary = {
  readable(segments: Segments): boolean
  writable(segments: Segments): boolean
  /** Open below a read prefix and above one, on the way to it. */
  listable(segments: Segments): boolean
}

const startsWith = (segments: Segments, prefix: Segments) =>
  prefix.length <= segments.length && prefix.every((segment, i) => segment === segments[i])

const intersectPrefixes = (a: readonly Segments[], b: readonly Segments[]) =>
  a.flatMap((p) => b.flatMap((q) => (startsWith(p, q) ? [p] : startsWith(q, p) ? [q] : [])))

type Open = { read: readonly Segments[]; write: readonly Segments[]; never: readonly string[] }

const intersect = (a: Open, b: Open): Open => ({
  read: intersectPrefixes(a.read, b.read),
  write: intersectPrefixes(a.write, b.write),
  never: [...a.never, ...b.never],
})

/** Several obligations intersect; none opens nothing. */
export const createBoundary = (obligations: readonly Confine[]): Boundary => {
  const [first, ...others] = obligations
  const { read, write, never } = others.reduce<Open>(intersect, first ?? { read: [], write: [], never: [] })
  const isClosed = (name: string) => name.startsWith(TEMPORARY_PREFIX) || never.includes(name)
  const isBelow = (segments: Segments, prefixes: readonly Segments[]) =>
    prefixes.some((prefix) => startsWith(segments, prefix)) && !segments.some(isClosed)

  return {
    readable: (segments) => isBelow(segments, read),
    writable: (segments) => isBelow(segments, write),
    listable: (segments) =>
      isBelow(segments, read) || read.some((prefix) => startsWith(prefix, segments) && !prefix.some(isClosed)),
  }
}
