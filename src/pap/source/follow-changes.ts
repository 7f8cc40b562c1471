import type { Changes } from './changes.ts'

/** Does something after each change until the signal, one after the other. What changes meanwhile is done after. */
export async function followChanges(
  watch: () => Promise<Changes>,
  act: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return
  const changes = await watch()
  const stop = () => void changes.close()
  signal.addEventListener('abort', stop)
  while (!signal.aborted) {
    await changes.next()
    if (!signal.aborted) await act()
  }
  signal.removeEventListener('abort', stop)
  await changes.close()
}
