import { distinct } from '../../lib/distinct.ts'
import type { Confine } from '../../model/decision.ts'
import type { Change } from './change.ts'

type Path = readonly string[]
type Access = 'read' | 'write'
type Place = { readonly access: Access; readonly path: Path }

const MAX_NAMED = 3

/**
 * How the open part of the workspace differs. Several confines intersect, and none opens nothing. Whether a
 * path is open depends on the prefixes above it and on its names alone, so asking each prefix, and each closed
 * name below it, asks everything.
 */
export function confineChanges(base: readonly Confine[], head: readonly Confine[]): readonly Change[] {
  const places = placesOf([...base, ...head])
  const opened = places.filter((place) => isOpen(head, place) && !isOpen(base, place))
  const closed = places.filter((place) => isOpen(base, place) && !isOpen(head, place))
  return [
    ...(opened.length > 0 ? [{ kind: 'obligations-widened', detail: `opens ${named(opened)}` } as const] : []),
    ...(closed.length > 0 ? [{ kind: 'obligations-narrowed', detail: `closes ${named(closed)}` } as const] : []),
  ]
}

function placesOf(confines: readonly Confine[]): readonly Place[] {
  const names = distinct(confines.flatMap(({ never }) => never))
  return (['read', 'write'] as const).flatMap((access) => {
    const prefixes = distinct(confines.flatMap((confine) => confine[access]))
    return prefixes.flatMap((prefix) =>
      [prefix, ...names.map((name) => [...prefix, name])].map((path) => ({ access, path })),
    )
  })
}

const isOpen = (confines: readonly Confine[], { access, path }: Place): boolean =>
  confines.length > 0 &&
  confines.every(
    (confine) =>
      confine[access].some((prefix) => prefix.every((segment, index) => segment === path[index])) &&
      !path.some((segment) => confine.never.includes(segment)),
  )

function named(places: readonly Place[]): string {
  const texts = places.slice(0, MAX_NAMED).map(({ access, path }) => `/${path.join('/')} to ${access}`)
  return [...texts, ...(places.length > MAX_NAMED ? [`${places.length - MAX_NAMED} more`] : [])].join(', ')
}
