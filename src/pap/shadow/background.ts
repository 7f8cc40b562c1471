export type Background<Item> = {
  /** False: there is no room, and the item is not taken. */
  readonly offer: (item: Item) => boolean
  readonly waiting: () => number
  readonly clear: () => void
}

export type BackgroundOptions<Item> = {
  /** Never throws. */
  readonly work: (item: Item) => void
  readonly weigh: (item: Item) => number
  readonly bounds: BackgroundBounds
  /** Milliseconds, monotonic. */
  readonly now: () => number
  /** Runs a task when what is ready to run has run. */
  readonly soon: (task: () => void) => void
  readonly later: (task: () => void, milliseconds: number) => void
}

export type BackgroundBounds = {
  readonly items: number
  readonly weight: number
  /** Of every second that work may take. One item that takes longer is made up for in the seconds after. */
  readonly budgetMs: number
}

const SECOND_MS = 1000
/** At a stretch: what a request may have to wait for. */
const SLICE_MS = 2

/** Work that may wait or be left undone, in what time is left beside everything else. */
export function createBackground<Item>(options: BackgroundOptions<Item>): Background<Item> {
  const { work, weigh, bounds, now, soon, later } = options
  let items: Item[] = []
  let weight = 0
  let isScheduled = false
  let secondBegan = Number.NEGATIVE_INFINITY
  let spent = 0

  function refill(): void {
    const passed = Math.floor((now() - secondBegan) / SECOND_MS)
    if (passed < 1) return
    spent = Math.max(0, spent - passed * bounds.budgetMs)
    secondBegan = now()
  }

  function turn(): void {
    refill()
    const end = now() + SLICE_MS
    while (spent < bounds.budgetMs && now() < end) {
      const item = items.shift()
      if (item === undefined) break
      weight -= weigh(item)
      const before = now()
      work(item)
      spent += now() - before
    }
    isScheduled = items.length > 0
    if (!isScheduled) return
    if (spent < bounds.budgetMs) soon(turn)
    else later(turn, Math.max(1, secondBegan + SECOND_MS - now()))
  }

  return {
    offer: (item) => {
      if (items.length >= bounds.items || weight + weigh(item) > bounds.weight) return false
      items.push(item)
      weight += weigh(item)
      if (!isScheduled) soon(turn)
      isScheduled = true
      return true
    },
    waiting: () => items.length,
    clear: () => {
      items = []
      weight = 0
    },
  }
}
