import type { Finding } from '../../model/finding.ts'
import { counted } from './counted.ts'

/** For a terminal: each finding with its place, what it is, and what to do about it; then how many. */
export function prettyFindings(findings: readonly Finding[], root: string): string {
  const blocks = findings.map((finding) => `${block(finding, root)}\n`)
  return `${blocks.join('\n')}${blocks.length === 0 ? '' : '\n'}${summary(findings)}\n`
}

function block({ level, check, file, line, message, remedy }: Finding, root: string): string {
  const path = file === undefined ? root || '.' : root === '' ? file : `${root}/${file}`
  const place = line === undefined ? path : `${path}:${line}`
  return `${place}\n  ${level}  ${message}  (${check})\n  ${remedy}`
}

export function summary(findings: readonly Finding[]): string {
  const errors = findings.filter(({ level }) => level === 'error').length
  return `${counted(errors, 'error')}, ${counted(findings.length - errors, 'warning')}`
}
