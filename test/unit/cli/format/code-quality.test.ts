import { describe, expect, test } from '@jest/globals'
import { codeQuality } from '../../../../src/cli/format/code-quality.ts'
import { sha256 } from '../../../../src/lib/digest.ts'
import type { Finding } from '../../../../src/model/finding.ts'

const finding = (members: Partial<Finding>): Finding => ({
  check: 'regal/style/line-length',
  level: 'error',
  file: 'mcp/main/main.rego',
  line: 7,
  message: 'Line too long',
  remedy: 'Break it',
  ...members,
})

const fingerprints = (findings: readonly Finding[]): readonly string[] =>
  JSON.parse(codeQuality(findings, 'policies')).map(({ fingerprint }: { fingerprint: string }) => fingerprint)

describe('the Code Quality report', () => {
  test('has what GitLab shows of a finding', () => {
    expect(JSON.parse(codeQuality([finding({})], 'policies'))).toEqual([
      {
        description: 'Line too long; Break it',
        check_name: 'regal/style/line-length',
        fingerprint: sha256('["regal/style/line-length","policies/mcp/main/main.rego","Line too long"]0'),
        severity: 'major',
        location: { path: 'policies/mcp/main/main.rego', lines: { begin: 7 } },
      },
    ])
  })

  test('weighs a warning less', () => {
    expect(JSON.parse(codeQuality([finding({ level: 'warning' })], ''))[0].severity).toBe('minor')
  })

  test('is an empty list when nothing was found', () => {
    expect(codeQuality([], 'policies')).toBe('[]\n')
  })

  const { file: _file, line: _line, ...nowhere } = finding({})
  test.each<[string, Finding, string, object]>([
    ['a file in the working folder', finding({}), '', { path: 'mcp/main/main.rego', lines: { begin: 7 } }],
    ['no line', { ...nowhere, file: 'a.rego' }, 'policies', { path: 'policies/a.rego', lines: { begin: 1 } }],
    ['no file', nowhere, 'policies', { path: 'policies', lines: { begin: 1 } }],
    ['neither file nor root', nowhere, '', { path: '.', lines: { begin: 1 } }],
  ])('names the place of a finding with %s', (_, one, root, location) => {
    expect(JSON.parse(codeQuality([one], root))[0].location).toEqual(location)
  })

  test('keeps the fingerprint of what only moves, and tells the second of its kind from the first', () => {
    const [first, second] = fingerprints([finding({ line: 7 }), finding({ line: 9 })])
    expect(fingerprints([finding({ line: 70 }), finding({ line: 90 })])).toEqual([first, second])
    expect(first).not.toBe(second)
    expect(fingerprints([finding({ message: 'Another' })])).not.toContain(first)
  })
})
