package mcp.rules.limits.concurrent_test

import data.mcp.lib.fixtures_test as fixtures
import data.mcp.rules.limits.concurrent as rule

test_concurrent[action] if {
	some action in ["tools/call", "prompts/get", "resources/read"]

	limits := rule.limit with input as fixtures.ask({"action": {"name": action}})
		with data.mcp.roles as fixtures.roles
		with data.mcp.plans as fixtures.plans
	limits == {{
		"name": "calls at the same time",
		"key": ["https://issuer.example", "acme", "alice"],
		"kind": "concurrency",
		"limit": 2,
		"period": 30,
		"burst": 0,
		"cost": 1,
		"on_store_error": "deny",
		"shadow": false,
	}}
}

test_the_protocol_is_not_counted if rule.limit == set() with input as fixtures.ask({"action": {"name": "ping"}})
