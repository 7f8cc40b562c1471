/** An HTTP answer, before anything knows of HTTP libraries. A stream is used only when a tool reports progress. */
export type Reply = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | ReadableStream<Uint8Array> | null
}
