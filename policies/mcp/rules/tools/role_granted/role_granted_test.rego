package mcp.rules.tools.role_granted_test

import data.mcp.lib.fixtures_test as fixtures
import data.mcp.rules.tools.role_granted as rule

test_role_granted[note] if {
	some note, tc in {
		"named": {"roles": ["reader"], "id": "readFile", "codes": _granted},
		"everything": {"roles": ["everything"], "id": "anything", "codes": _granted},
		"by two roles": {"roles": ["reader", "files"], "id": "readFile", "codes": _granted},
		"inherited": {"roles": ["chief"], "id": "writeFile", "codes": _granted},
		"not named": {"roles": ["reader"], "id": "writeFile", "codes": set()},
		"named alike": {"roles": ["reader"], "id": "readfile", "codes": set()},
		"called like the wildcard": {"roles": ["reader"], "id": "*", "codes": set()},
		"unknown role": {"roles": ["nobody"], "id": "readFile", "codes": set()},
		"no role": {"roles": [], "id": "readFile", "codes": set()},
	}

	permits := rule.permit with input as object.union(fixtures.ask_as({"roles": tc.roles}), {"resource": {"id": tc.id}})
		with data.mcp.roles as fixtures.roles
		with data.mcp.inherits as fixtures.inherits
	fixtures.codes(permits) == tc.codes
}

test_unknown_tool_is_granted_to_nobody[role] if {
	some role in ["everything", "files"]

	permits := rule.permit with input as object.union(
		json.remove(fixtures.ask_as({"roles": [role]}), ["/resource"]),
		{"resource": {"type": "tool", "id": "readFile", "properties": {}}},
	)
		with data.mcp.roles as fixtures.roles
	permits == set()
}

test_not_granted[note] if {
	some note, changes in {
		"another action": {"action": {"name": "tools/list"}},
		"another type": {"resource": {"type": "prompt"}},
	}

	permits := rule.permit with input as fixtures.ask(changes) with data.mcp.roles as fixtures.roles
	permits == set()
}

test_roles_that_name_no_list_grant_nothing[note] if {
	some note, tools in {"a string": "readFile", "the wildcard as a string": "*", "null": null, "not there": []}

	permits := rule.permit with input as fixtures.ask({}) with data.mcp.roles as {"files": {"tools": tools}}
	permits == set()
}

_granted := {"tools.role_granted"}
