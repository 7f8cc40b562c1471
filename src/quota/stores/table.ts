/**
 * A map of bounded size that forgets only what says nothing any more. Each new key pays for a look at a
 * few old ones, so that no request ever walks the whole table.
 */
export type Table<V> = {
  readonly get: (key: string) => V | undefined
  readonly set: (key: string, value: V) => void
  readonly delete: (key: string) => boolean
  readonly entries: () => IterableIterator<[string, V]>
  readonly size: () => number
  /** True when `count` more keys fit, after a sweep. */
  readonly hasRoom: (count: number, isFresh: (value: V) => boolean) => boolean
}

/** Looked at for each new key: the table is swept once while a quarter of it is replaced. */
const SWEPT = 4
/** Looked at when it is full: a few microseconds, spent only by those who bring new keys. */
const SWEPT_WHEN_FULL = 64

export const createTable = <V>(maxKeys: number): Table<V> => {
  const map = new Map<string, V>()
  let cursor = map.entries()

  const sweep = (looks: number, isFresh: (value: V) => boolean) => {
    for (let look = 0; look < looks; look += 1) {
      const next = cursor.next()
      if (next.done === true) {
        cursor = map.entries()
        continue
      }
      const [key, value] = next.value
      if (isFresh(value)) map.delete(key)
    }
  }

  return {
    get: (key) => map.get(key),
    set: (key, value) => {
      map.set(key, value)
    },
    delete: (key) => map.delete(key),
    entries: () => map.entries(),
    size: () => map.size,
    hasRoom: (count, isFresh) => {
      if (count === 0) return true
      sweep(SWEPT * count, isFresh)
      if (map.size + count > maxKeys) sweep(SWEPT_WHEN_FULL * count, isFresh)
      return map.size + count <= maxKeys
    },
  }
}
