package mcp.rules.resources.role_granted_test

import data.mcp.lib.fixtures_test as fixtures
import data.mcp.rules.resources.role_granted as rule

test_role_granted[note] if {
	some note, tc in {
		"named": {"roles": ["files"], "resource": {}, "action": "resources/read", "codes": _granted},
		"subscribed": {"roles": ["files"], "resource": {}, "action": "resources/subscribe", "codes": _granted},
		"unsubscribed": {"roles": ["files"], "resource": {}, "action": "resources/unsubscribe", "codes": _granted},
		"a template": {
			"roles": ["everything"],
			"resource": {"type": "resource_template", "id": "file:///{path}"},
			"action": "resources/read",
			"codes": _granted,
		},
		"a template completed": {
			"roles": ["everything"],
			"resource": {"type": "resource_template", "id": "file:///{path}"},
			"action": "completion/complete",
			"codes": _granted,
		},
		"named by its template": {
			"roles": ["files"],
			"resource": {
				"id": "file:///other",
				"properties": {"server": "files", "template": "file:///public/a.txt"},
			},
			"action": "resources/read",
			"codes": _granted,
		},
		"of another template": {
			"roles": ["files"],
			"resource": {"id": "file:///other", "properties": {"server": "files", "template": "file:///{path}"}},
			"action": "resources/read",
			"codes": set(),
		},
		"not named": {
			"roles": ["files"],
			"resource": {"id": "file:///public/a.txt.bak"},
			"action": "resources/read",
			"codes": set(),
		},
		"role without resources": {"roles": ["reader"], "resource": {}, "action": "resources/read", "codes": set()},
		"another action": {"roles": ["files"], "resource": {}, "action": "tools/call", "codes": set()},
		"another type": {"roles": ["files"], "resource": {"type": "tool"}, "action": "resources/read", "codes": set()},
	}

	resource := object.union(
		{"type": "resource", "id": "file:///public/a.txt", "properties": {"server": "files"}},
		tc.resource,
	)
	permits := rule.permit with input as object.union(
		fixtures.ask_as({"roles": tc.roles}),
		{"action": {"name": tc.action}, "resource": resource},
	)
		with data.mcp.roles as fixtures.roles
	fixtures.codes(permits) == tc.codes
}

test_unknown_resource_is_granted_to_nobody if {
	permits := rule.permit with input as object.union(
		json.remove(fixtures.ask_as({"roles": ["everything"]}), ["/resource"]),
		{"action": {"name": "resources/read"}, "resource": {"type": "resource", "id": "file:///x", "properties": {}}},
	)
		with data.mcp.roles as fixtures.roles
	permits == set()
}

_granted := {"resources.role_granted"}
