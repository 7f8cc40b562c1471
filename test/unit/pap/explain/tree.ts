import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEFAULT_POLICIES } from '../../../../src/cli/package.ts'

const rule = (name: string, title: string, code: string, body: string) => `# METADATA
# title: ${title}
# custom:
#   code: ${code}
package mcp.${name}

import data.mcp.lib.prefixes
import data.mcp.lib.result
import data.mcp.lib.subject

${body}
_reason := result.reason(rego.metadata.chain())
`

const SHARED = [
  '.manifest',
  'mcp/main/main.rego',
  'mcp/lib/result/result.rego',
  'mcp/lib/subject/subject.rego',
  'mcp/lib/prefixes/prefixes.rego',
]

/**
 * A small policy below the `main` of the repository's: reader reads /public, editor inherits that and writes
 * its own folder, boss inherits both and writes everywhere; the decision about `broken` breaks.
 */
export const TREE: Readonly<Record<string, string>> = {
  ...Object.fromEntries(SHARED.map((file) => [file, readFileSync(join(DEFAULT_POLICIES, file), 'utf8')])),
  'mcp/roles/data.yaml': `
reader: { tools: [readFile], paths: { read: [[public]] } }
editor: { tools: [writeFile], paths: { write: [[users, { subject: id }]] } }
boss: { paths: { read: [[]], write: [[]] } }
`,
  'mcp/inherits/data.yaml': 'reader: []\neditor: [reader]\nboss: [editor]\n',
  'mcp/scopes/data.yaml': 'mcp:write: [mcp:read]\nmcp:read: []\n',
  'mcp/rules/tools/granted/granted.rego': rule(
    'rules.tools.granted',
    'The role grants this tool',
    'tools.granted',
    `permit contains _reason if {
	input.action.name == "tools/call"
	some role in subject.roles
	input.resource.id in role.tools
}
`,
  ),
  'mcp/rules/paths/outside/outside.rego': rule(
    'rules.paths.outside',
    'A path lies outside',
    'paths.outside',
    `deny_call contains _reason if not _inside

_inside if {
	every path in input.resource.properties.paths {
		some prefix in prefixes.by_access[path.access]
		array.slice(path.segments, 0, count(prefix)) == prefix
	}
}
`,
  ),
  'mcp/rules/paths/never/never.rego': rule(
    'rules.paths.never',
    'A name is closed',
    'paths.never',
    `deny_call contains _reason if {
	some path in input.resource.properties.paths
	".env" in path.segments
}
`,
  ),
  'mcp/rules/scopes/needed/needed.rego': rule(
    'rules.scopes.needed',
    'Operations need a scope',
    'scopes.needed',
    `scope contains "mcp:read" if input.resource.properties.read_only == true

scope contains "mcp:write" if input.resource.properties.read_only == false
`,
  ),
  'mcp/rules/limits/calls/calls.rego': rule(
    'rules.limits.calls',
    'Calls per minute',
    'limits.calls',
    `limit contains {
	"name": "calls",
	"key": subject.key,
	"kind": "rate",
	"limit": 60,
	"period": 60,
	"burst": 10,
	"cost": 1,
	"on_store_error": "deny",
	"shadow": false,
} if {
	input.action.name == "tools/call"
}
`,
  ),
  'mcp/rules/subjects/broken/broken.rego': rule(
    'rules.subjects.broken',
    'This breaks',
    'subjects.broken',
    `deny contains _reason if {
	"broken" in input.subject.properties.roles
	_answer == 1
}

_answer := 1

_answer := 2 if "broken" in input.subject.properties.roles
`,
  ),
  'mcp/tools/writeFile/writeFile.rego': rule(
    'tools.writeFile',
    'No hidden files are written',
    'writeFile.hidden',
    `deny_call contains _reason if {
	some path in input.resource.properties.paths
	some segment in path.segments
	startswith(segment, ".")
}
`,
  ),
}
