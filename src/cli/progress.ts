import type { Progress } from '../app/evaluation/replay.ts'

const EVERY_MS = 500
const CLEAR_LINE = '\r\u001b[2K'

export type ProgressLine = { readonly show: (progress: Progress) => void; readonly clear: () => void }

/** How far a log is read, on one line of a terminal; nothing where nobody looks. */
export function createProgressLine(
  stream: { readonly isTTY?: boolean; readonly write: (text: string) => unknown },
  now: () => number,
): ProgressLine {
  const started = now()
  let shown = started

  function show({ bytes, total }: Progress): void {
    const at = now()
    if (!stream.isTTY || at - shown < EVERY_MS) return
    shown = at
    const rate = bytes / (at - started)
    const part = total === undefined || total === 0 ? '' : `${Math.floor((100 * bytes) / total)} % of `
    const left = total === undefined ? '' : `, ${duration((total - bytes) / rate)} left`
    stream.write(`${CLEAR_LINE}${part}${megabytes(total ?? bytes)}, ${megabytes(1000 * rate)}/s${left}`)
  }

  return { show, clear: () => void (shown > started && stream.write(CLEAR_LINE)) }
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

function duration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
