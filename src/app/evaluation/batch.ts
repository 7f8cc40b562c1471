/** Whole lines of a file, as they stand there. */
export type Batch = { readonly file: number; readonly line: number; readonly bytes: Uint8Array<ArrayBuffer> }

/** What is done with batches in one thread, and what it comes to. */
export type Handler<Total> = {
  readonly take: (batch: Batch) => Promise<void>
  readonly total: () => Total
  readonly close: () => void
}

const decoder = new TextDecoder()

/** Lines end at LF alone; empty ones are counted and left out. */
export function* linesOf({ line, bytes }: Batch): Generator<{ readonly text: string; readonly line: number }> {
  for (const [index, text] of decoder.decode(bytes).split('\n').entries()) {
    if (text.trim() !== '') yield { text, line: line + index }
  }
}
