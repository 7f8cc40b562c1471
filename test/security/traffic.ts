const IN_FLIGHT = 16

/** What came back to callers who ask again and again, 16 requests in flight, while something else happens. */
export async function underLoad(
  send: () => Promise<Response>,
  happens: () => Promise<void>,
): Promise<readonly string[]> {
  const answers: string[] = []
  let isDone = false
  const caller = async () => {
    while (!isDone) {
      const response = await send()
      answers.push(`${response.status} ${await response.text()}`)
      // gives what else runs here its turn
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const callers = Promise.all(Array.from({ length: IN_FLIGHT }, caller))
  await Promise.race([happens(), callers]).finally(() => {
    isDone = true
  })
  await callers
  return answers
}
