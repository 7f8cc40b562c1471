import { sha256 } from '../../lib/digest.ts'
import type { Finding } from '../../model/finding.ts'

const SEVERITIES = { error: 'major', warning: 'minor' } as const

/** GitLab's Code Quality report. `root` goes before each file, and is relative to the repository. */
export function codeQuality(findings: readonly Finding[], root: string): string {
  const seen = new Map<string, number>()
  const issues = findings.map(({ check, level, file, line, message, remedy }) => {
    const path = [root, file].filter((part) => part !== undefined && part !== '').join('/') || '.'
    const name = JSON.stringify([check, path, message])
    const before = seen.get(name) ?? 0
    seen.set(name, before + 1)
    return {
      description: `${message}; ${remedy}`,
      check_name: check,
      // Without the line, since what only moves is not new; and unique, since GitLab drops what it has seen.
      fingerprint: sha256(`${name}${before}`),
      severity: SEVERITIES[level],
      location: { path, lines: { begin: line ?? 1 } },
    }
  })
  return `${JSON.stringify(issues, undefined, 2)}\n`
}
