package mcp.rules.administration.role_granted_test

import data.mcp.lib.fixtures_test as fixtures
import data.mcp.rules.administration.role_granted as rule

test_role_granted[note] if {
	some note, tc in {
		"every action": {"roles": ["administrator"], "action": "policy/rollback", "codes": _granted},
		"named action": {"roles": ["releaser"], "action": "policy/activate", "codes": _granted},
		"action not named": {"roles": ["releaser"], "action": "policy/rollback", "codes": set()},
		"role with all tools": {"roles": ["everything"], "action": "policy/read", "codes": set()},
		"role nobody described": {"roles": ["stranger"], "action": "policy/read", "codes": set()},
		"no roles": {"roles": [], "action": "policy/read", "codes": set()},
		"action nobody described": {"roles": ["administrator"], "action": "policy/delete", "codes": set()},
		"a call as if of policies": {"roles": ["administrator"], "action": "tools/call", "codes": set()},
	}

	permits := rule.permit with input as _ask(tc.roles, tc.action, {"type": "policy"})
		with data.mcp.roles as _roles
	fixtures.codes(permits) == tc.codes
}

test_every_action[action] if {
	some action in ["policy/read", "policy/check", "policy/activate", "policy/rollback", "policy/shadow"]

	permits := rule.permit with input as _ask(["administrator"], action, {"type": "policy"})
		with data.mcp.roles as _roles
	fixtures.codes(permits) == _granted
}

test_only_policies[type] if {
	some type in ["tool", "server", "prompt", "resource", "Policy", ""]

	permits := rule.permit with input as _ask(["administrator"], "policy/read", {"type": type})
		with data.mcp.roles as _roles
	permits == set()
}

test_policies_that_nobody_described_are_administered_by_nobody if {
	permits := rule.permit with input as object.union(
		json.remove(_ask(["administrator"], "policy/read", {}), ["/resource"]),
		{"resource": {"type": "policy", "id": "files", "properties": {}}},
	)
		with data.mcp.roles as _roles
	permits == set()
}

_ask(roles, action, resource) := object.union(
	json.remove(fixtures.ask_as({"roles": roles}), ["/resource"]),
	{
		"action": {"name": action},
		"resource": object.union({"id": "files", "properties": {"server": "files", "arguments": {}}}, resource),
	},
)

_roles := object.union(fixtures.roles, {
	"administrator": {"administration": ["*"]},
	"releaser": {"administration": ["policy/check", "policy/activate"]},
})

_granted := {"administration.role_granted"}
