/** By UTF-16 code units, wherever it runs: `localeCompare` depends on the machine. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
