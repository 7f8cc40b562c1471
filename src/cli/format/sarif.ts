import type { Finding } from '../../model/finding.ts'

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'

/** SARIF 2.1.0, as code scanning takes it. `root` goes before each file, and is relative to the repository. */
export function sarifLog(findings: readonly Finding[], root: string, version: string): string {
  const rules = [...new Set(findings.map(({ check }) => check))].toSorted()
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Portcullis', semanticVersion: version, rules: rules.map(rule) } },
        originalUriBaseIds: { SRCROOT: { description: { text: 'The root of the repository' } } },
        results: findings.map((finding) => result(finding, root, rules)),
      },
    ],
  }
  return `${JSON.stringify(log, undefined, 2)}\n`
}

const rule = (id: string) => ({ id, shortDescription: { text: id } })

function result({ check, level, file, line, message, remedy }: Finding, root: string, rules: readonly string[]) {
  return {
    ruleId: check,
    ruleIndex: rules.indexOf(check),
    level,
    message: { text: `${message}; ${remedy}` },
    ...(file !== undefined && {
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: uri(root === '' ? file : `${root}/${file}`), uriBaseId: 'SRCROOT' },
            ...(line !== undefined && { region: { startLine: line } }),
          },
        },
      ],
    }),
  }
}

const uri = (path: string): string => path.split('/').map(encodeURIComponent).join('/')
