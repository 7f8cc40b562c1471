package mcp.rules.prompts.role_granted_test

import data.mcp.lib.fixtures_test as fixtures
import data.mcp.rules.prompts.role_granted as rule

test_role_granted[note] if {
	some note, tc in {
		"named": {"roles": ["files"], "resource": {}, "action": "prompts/get", "codes": _granted},
		"completed": {"roles": ["files"], "resource": {}, "action": "completion/complete", "codes": _granted},
		"everything": {"roles": ["everything"], "resource": {"id": "x"}, "action": "prompts/get", "codes": _granted},
		"not named": {"roles": ["files"], "resource": {"id": "x"}, "action": "prompts/get", "codes": set()},
		"role without prompts": {"roles": ["reader"], "resource": {}, "action": "prompts/get", "codes": set()},
		"another action": {"roles": ["files"], "resource": {}, "action": "tools/call", "codes": set()},
		"another type": {"roles": ["files"], "resource": {"type": "tool"}, "action": "prompts/get", "codes": set()},
	}

	resource := object.union({"type": "prompt", "id": "review", "properties": {"server": "git"}}, tc.resource)
	permits := rule.permit with input as object.union(
		fixtures.ask_as({"roles": tc.roles}),
		{"action": {"name": tc.action}, "resource": resource},
	)
		with data.mcp.roles as fixtures.roles
	fixtures.codes(permits) == tc.codes
}

test_unknown_prompt_is_granted_to_nobody if {
	permits := rule.permit with input as object.union(
		json.remove(fixtures.ask_as({"roles": ["everything"]}), ["/resource"]),
		{"action": {"name": "prompts/get"}, "resource": {"type": "prompt", "id": "review", "properties": {}}},
	)
		with data.mcp.roles as fixtures.roles
	permits == set()
}

_granted := {"prompts.role_granted"}
