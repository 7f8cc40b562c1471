import XMLBuilder from 'fast-xml-builder'
import type { Suite, SuiteCase } from '../../model/suite.ts'

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', format: true })
/** XML 1.0 has no way to write these, not even escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is meant
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu

/** JUnit's XML as Jenkins, GitLab and GitHub reporters read it. Times are seconds. */
export function junit(suites: readonly Suite[]): string {
  return builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    testsuites: { ...totals(suites.flatMap(({ cases }) => cases)), testsuite: suites.map(testsuite) },
  })
}

const testsuite = ({ name, cases, milliseconds }: Suite) => ({
  '@name': printable(name),
  ...totals(cases),
  '@time': (milliseconds / 1000).toFixed(3),
  testcase: cases.map((one) => testcase(name, one)),
})

const totals = (cases: readonly SuiteCase[]) => ({
  '@tests': cases.length,
  '@failures': cases.filter(({ faults }) => faults.length > 0).length,
  '@skipped': cases.filter(({ skipped }) => skipped !== undefined).length,
})

const testcase = (suite: string, { name, file, line, faults, skipped }: SuiteCase) => ({
  '@classname': printable(suite),
  '@name': printable(name),
  ...(file !== undefined && { '@file': printable(file) }),
  ...(line !== undefined && { '@line': line }),
  ...(skipped !== undefined && { skipped: { '@message': printable(skipped) } }),
  ...(faults[0] !== undefined && {
    failure: { '@message': printable(faults[0]), '#text': printable(faults.join('\n')) },
  }),
})

const printable = (text: string): string => text.replace(UNPRINTABLE, '\ufffd')
