import { printable } from './printable.ts'

/** A table of GitHub's Markdown. Cells are Markdown already. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`
  return [head, head.map(() => '---'), ...rows].map(line).join('')
}

/** Code, so that names neither mention anybody nor become links or HTML. */
export function code(text: string): string {
  const plain = printable(text).replaceAll('`', "'").replaceAll('|', '\\|')
  return plain === '' ? '' : `\`${plain}\``
}
