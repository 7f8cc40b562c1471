package mcp.rules.administration.own_scope_test

import data.mcp.lib.fixtures_test as fixtures
import data.mcp.rules.administration.own_scope as rule

test_policies_need_it[action] if {
	some action in ["policy/read", "policy/activate", "policy/nothing"]

	scopes := rule.scope with input as fixtures.ask({"action": {"name": action}, "resource": {"type": "policy"}})
	scopes == {"mcp:admin"}
}

test_nothing_else_does[type] if {
	some type in ["tool", "server", "prompt", "resource", "resource_template"]

	scopes := rule.scope with input as fixtures.ask({"resource": {"type": type}})
	scopes == set()
}
