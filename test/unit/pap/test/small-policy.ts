/** A policy with one rule that permits what alice asks, and what is needed to see it do so. */
export const SMALL_POLICY = {
  '.manifest': '{"roots":["mcp"],"rego_version":1}',
  'mcp/main/main.rego': `package mcp.main

decision := {
	"effect": "permit",
	"visible": true,
	"reasons": [reason | some reason in data.mcp.rules.area.open.permit],
	"scopes": [],
	"limits": [],
	"obligations": [],
} if {
	count(data.mcp.rules.area.open.permit) > 0
} else := {"effect": "deny", "visible": false, "reasons": [], "scopes": [], "limits": [], "obligations": []}

report contains {"kind": "permit", "rule": "rules.area.open", "said": data.mcp.rules.area.open.permit}
`,
  'mcp/rules/area/open/open.rego': `package mcp.rules.area.open

permit contains {"code": "area.open", "message": "Open"} if input.subject.id == data.mcp.roles.open
`,
  'mcp/rules/area/open/open_test.rego': `package mcp.rules.area.open_test

import data.mcp.rules.area.open

test_open if count(open.permit) == 1 with input.subject.id as "alice" with data.mcp.roles.open as "alice"

test_main if {
	data.mcp.main.decision.effect == "permit" with input.subject.id as "alice" with data.mcp.roles.open as "alice"
	data.mcp.main.decision.effect == "deny" with input.subject.id as "bob" with data.mcp.roles.open as "alice"
	count(data.mcp.main.report) == 1 with input.subject.id as "bob" with data.mcp.roles.open as "alice"
}
`,
  'mcp/roles/data.yaml': 'open: alice\n',
}

export const SMALL_CASES = `
subjects: { alice: { id: alice }, bob: { id: bob } }
resources: { read: { type: tool, id: read, properties: { arguments: {} } } }
cases:
  - note: who reads
    table: { actions: [tools/call], subjects: [alice, bob], resources: [read], permitted: { alice: all } }
  - note: another policy
    subject: bob
    action: tools/call
    resource: read
    data: { roles: { open: bob } }
    want: { effect: permit, codes: [area.open] }
  - note: later
    skip: not yet
    input: {}
    want: { effect: permit }
`
