import type { Outcome } from './outcome.ts'

/** An HTTP answer, before anything knows of HTTP libraries. A stream is used only when a tool reports progress. */
export type Reply = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | ReadableStream<Uint8Array> | null
}

/** The answer of a permitted call, and its end, which may come later than the answer begins. */
export type Performed = { readonly reply: Reply; readonly outcome: Promise<Outcome> }
