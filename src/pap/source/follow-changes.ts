import type { Changes } from './changes.ts'

/** Does something now and after each change until the signal, one after the other. What changes meanwhile is done after. */
export async function followChanges(
  watch: () => Promise<Changes>,
  act: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const changes = await watch()
    const stop = () => void changes.close()
    signal.addEventListener('abort', stop)
    if (!signal.aborted) {
      await act()
      await changes.settled
    }
    signal.removeEventListener('abort', stop)
    await changes.close()
  }
}
