import { randomFillSync } from 'node:crypto'

const PIECES = 256

/** Hands out random bytes of which many were made at once: to ask for a few takes as long as to ask for all. */
export function createRandomPool(
  pieceBytes: number,
  fill: (bytes: Uint8Array) => unknown = randomFillSync,
): () => Uint8Array {
  const pool = new Uint8Array(PIECES * pieceBytes)
  let next = pool.length
  return () => {
    if (next === pool.length) {
      fill(pool)
      next = 0
    }
    next += pieceBytes
    return pool.slice(next - pieceBytes, next)
  }
}
