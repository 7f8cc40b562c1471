import { expect, test } from '@jest/globals'
import { prettyFindings } from '../../../../src/cli/format/pretty.ts'
import type { Finding } from '../../../../src/model/finding.ts'

const finding: Finding = {
  check: 'opa-fmt',
  level: 'error',
  file: 'a.rego',
  line: 3,
  message: 'is bad',
  remedy: 'Mend it',
}
const { file: _file, line: _line, ...nowhere } = finding
const { line: _, ...whole } = finding

test.each<{ name: string; findings: readonly Finding[]; root: string; text: string }>([
  { name: 'nothing', findings: [], root: 'policies', text: '0 errors, 0 warnings\n' },
  {
    name: 'places, and what to do',
    findings: [finding, { ...whole, level: 'warning' }, nowhere],
    root: 'policies',
    text: `policies/a.rego:3
  error  is bad  (opa-fmt)
  Mend it

policies/a.rego
  warning  is bad  (opa-fmt)
  Mend it

policies
  error  is bad  (opa-fmt)
  Mend it

2 errors, 1 warning
`,
  },
  {
    name: 'the root itself',
    findings: [finding],
    root: '',
    text: 'a.rego:3\n  error  is bad  (opa-fmt)\n  Mend it\n\n1 error, 0 warnings\n',
  },
])('$name', ({ findings, root, text }) => {
  expect(prettyFindings(findings, root)).toBe(text)
})
