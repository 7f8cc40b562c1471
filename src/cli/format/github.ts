import type { Finding } from '../../model/finding.ts'

/** Workflow commands that GitHub shows beside the lines of a pull request. `root` goes before each file. */
export function githubAnnotations(findings: readonly Finding[], root: string): string {
  return findings.map((finding) => `${annotation(finding, root)}\n`).join('')
}

function annotation({ level, check, file, line, message, remedy }: Finding, root: string): string {
  const place = file === undefined ? [] : [`file=${property(root === '' ? file : `${root}/${file}`)}`]
  const at = line === undefined ? [] : [`line=${line}`]
  return `::${level} ${[...place, ...at, `title=${property(check)}`].join(',')}::${data(`${message}; ${remedy}`)}`
}

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
