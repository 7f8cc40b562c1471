/** What was thrown, in words. Libraries throw strings and plain objects too, and some of these cannot be printed. */
export const thrownText = (thrown: unknown): string => printed(() => messageOf(thrown))

/** As `thrownText`, with the way it came where that is known: for records, never for callers. */
export const thrownTrace = (thrown: unknown): string =>
  printed(() => (thrown instanceof Error ? (thrown.stack ?? messageOf(thrown)) : messageOf(thrown)))

const messageOf = (thrown: unknown): unknown =>
  typeof thrown === 'object' && thrown !== null && 'message' in thrown ? thrown.message : thrown

function printed(read: () => unknown): string {
  try {
    return String(read())
  } catch {
    return 'something that cannot be printed'
  }
}
