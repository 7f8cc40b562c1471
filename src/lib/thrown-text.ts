/** What was thrown, in words. Libraries throw strings and plain objects too, and some of these cannot be printed. */
export function thrownText(thrown: unknown): string {
  try {
    const said = typeof thrown === 'object' && thrown !== null && 'message' in thrown ? thrown.message : thrown
    return String(said)
  } catch {
    return 'something that cannot be printed'
  }
}
