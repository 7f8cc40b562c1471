/** Aligned columns, the first to the left and figures to the right. */
export function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  const print = (line: readonly string[]) =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2))
  return [title, rule, print(head), rule, ...rows.map(print), ''].join('\n')
}

/** Microseconds of milliseconds, with as many digits as they are good for. */
export const micros = (milliseconds: number): string => {
  const us = milliseconds * 1000
  return us < 100 ? us.toFixed(1) : us.toFixed(0)
}

export const millis = (milliseconds: number): string => milliseconds.toFixed(milliseconds < 10 ? 2 : 1)

export const times = (ratio: number): string => `${ratio.toFixed(ratio < 10 ? 2 : 1)}×`

/** How much more than the other: `+18 %`. */
export const more = (ratio: number): string => `${ratio < 1 ? '' : '+'}${((ratio - 1) * 100).toFixed(0)} %`
