import { LRUCache } from 'lru-cache'
import type { Result } from '../lib/result.ts'
import type { JsonObject } from '../model/json.ts'
import type { Masks } from '../model/ruling.ts'
import type { InputReads } from './loaded-bundle.ts'
import { toMasks } from './mask-check.ts'
import { pickReads } from './pick-reads.ts'

/** Characters of all readings together: few, since what a mask looks at is mostly the kind of a request. */
const MAX_REMEMBERED = 262_144

/**
 * The mask of a record: a pure function of what the bundle says that it reads, so it is asked once for each
 * different reading. A bundle that says nothing is asked about the whole of every record.
 */
export function createMask(
  evaluate: (record: JsonObject) => Result<unknown, string>,
  reads: InputReads | undefined,
): (record: JsonObject) => Masks {
  const ask = (record: JsonObject): Masks => {
    const answer = evaluate(record)
    return answer.ok ? toMasks(answer.value) : answer
  }
  if (reads === undefined) return ask
  const pick = pickReads(reads)
  const remembered = new LRUCache<string, Masks>({
    maxSize: MAX_REMEMBERED,
    sizeCalculation: (_masks, read) => read.length,
  })
  return (record) => {
    const read = pick(record)
    const key = JSON.stringify(read)
    const known = remembered.get(key)
    if (known !== undefined) return known
    const masks = ask(read)
    // what could not be had may be had the next time
    if (masks.ok) remembered.set(key, masks)
    return masks
  }
}
