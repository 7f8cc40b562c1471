import type { Kind } from '../rego/kinds.ts'

export type RuleName = { readonly area: string; readonly name: string }

/** What a new rule of a kind begins with: it works, it is tested, and it changes no decision yet. */
type Start = {
  readonly imports: readonly string[]
  readonly body: (rule: RuleName) => string
  readonly test: (rule: RuleName) => string
}

const LIMIT_4_MIB = 4_194_304

const STARTS: Readonly<Record<Kind, Start>> = {
  permit: {
    imports: ['result'],
    body: ({ name }) => `permit contains _reason if {
	input.resource.type == "tool"
	is_string(input.resource.properties.server)
	input.subject.properties.claims.${name} == true
}`,
    test: (rule) =>
      reasonTable(rule, 'permit', '{"subject": {"properties": {"claims": tc.claims}}}', [
        `"the claim": {"claims": {"${rule.name}": true}, "codes": _code}`,
        `"the claim as text": {"claims": {"${rule.name}": "true"}, "codes": set()}`,
        '"without the claim": {"claims": {}, "codes": set()}',
      ]),
  },
  deny: {
    imports: ['result'],
    body: () => `deny contains _reason if not _allowed

_allowed if input.subject.type != ""`,
    test: (rule) =>
      reasonTable(rule, 'deny', '{"subject": {"type": tc.type}}', [
        '"a user": {"type": "user", "codes": set()}',
        '"an agent": {"type": "agent", "codes": set()}',
        '"nobody": {"type": "", "codes": _code}',
      ]),
  },
  deny_call: {
    imports: ['result'],
    body: () => `deny_call contains _reason if not _allowed

_allowed if input.context.bytes <= ${LIMIT_4_MIB}`,
    test: (rule) =>
      reasonTable(rule, 'deny_call', '{"context": {"bytes": tc.bytes}}', [
        `"as large as allowed": {"bytes": ${LIMIT_4_MIB}, "codes": set()}`,
        `"larger": {"bytes": ${LIMIT_4_MIB + 1}, "codes": _code}`,
      ]),
  },
  scope: {
    imports: [],
    body: () => `scope contains "mcp:write" if {
	input.resource.type == "tool"
	not _read_only
}

_read_only if input.resource.properties.read_only == true`,
    test: () =>
      table(
        'scopes',
        'rule.scope',
        '{"resource": {"type": tc.type, "properties": {"read_only": tc.read_only}}}',
        [
          '"a tool that reads": {"type": "tool", "read_only": true, "scopes": set()}',
          '"a tool that writes": {"type": "tool", "read_only": false, "scopes": {"mcp:write"}}',
          '"a prompt": {"type": "prompt", "read_only": false, "scopes": set()}',
        ],
        'got == tc.scopes',
      ),
  },
  limit: {
    imports: ['subject'],
    body: ({ area, name }) => `# shadow: counted and recorded, not yet enforced
limit contains {
	"name": "${area}.${name} per hour",
	"key": subject.key,
	"kind": "rate",
	"limit": 1000,
	"period": 3600,
	"burst": 100,
	"cost": 1,
	"on_store_error": "deny",
	"shadow": true,
} if {
	input.action.name == "tools/call"
}`,
    test: ({ area, name }) =>
      `${table(
        'limits',
        'rule.limit',
        '{"action": {"name": tc.action}}',
        ['"a call": {"action": "tools/call", "names": _name}', '"a list": {"action": "tools/list", "names": set()}'],
        '{limit.name | some limit in got} == tc.names',
      )}
_name := {"${area}.${name} per hour"}
`,
  },
  oblige: {
    imports: [],
    body: () => `# confines intersect: this one leaves what the others open
oblige contains {
	"type": "confine",
	"read": [[]],
	"write": [[]],
	"never": [],
} if {
	input.action.name == "tools/call"
}`,
    test: () =>
      table(
        'obligations',
        'rule.oblige',
        '{"action": {"name": tc.action}}',
        [
          '"a call": {"action": "tools/call", "types": {"confine"}}',
          '"a list": {"action": "tools/list", "types": set()}',
        ],
        '{obligation.type | some obligation in got} == tc.types',
      ),
  },
}

export function ruleText(rule: RuleName, kind: Kind): string {
  const { imports, body } = STARTS[kind]
  const reason = imports.includes('result') ? '\n_reason := result.reason(rego.metadata.chain())\n' : ''
  const imported = imports.map((name) => `import data.mcp.lib.${name}\n`).join('')
  return `# METADATA
# title: What ${rule.area}.${rule.name} is for
# description: |
#   Why there is such a rule, for those who read it. The title is what callers are told; neither names a caller,
#   a path or an argument.
# custom:
#   code: ${rule.area}.${rule.name}
package mcp.rules.${rule.area}.${rule.name}
${imported === '' ? '' : `\n${imported}`}
${body(rule)}
${reason}`
}

export const ruleTestText = (rule: RuleName, kind: Kind): string => `package mcp.rules.${rule.area}.${rule.name}_test

import data.mcp.lib.fixtures_test as fixtures
import data.mcp.rules.${rule.area}.${rule.name} as rule

${STARTS[kind].test(rule)}`

function reasonTable({ area, name }: RuleName, kind: Kind, changes: string, rows: readonly string[]): string {
  return `${table(name, `rule.${kind}`, changes, rows, 'fixtures.codes(got) == tc.codes')}
_code := {"${area}.${name}"}
`
}

const table = (name: string, value: string, changes: string, rows: readonly string[], wanted: string): string =>
  `test_${name}[note] if {
	some note, tc in {
${rows.map((row) => `\t\t${row},\n`).join('')}	}

	question := fixtures.ask(${changes})
	got := ${value} with input as question
	${wanted}
}
`
