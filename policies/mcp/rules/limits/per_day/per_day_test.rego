package mcp.rules.limits.per_day_test

import data.mcp.lib.fixtures_test as fixtures
import data.mcp.rules.limits.per_day as rule

test_per_day[action] if {
	some action in ["tools/call", "prompts/get", "resources/read"]

	limits := rule.limit with input as fixtures.ask({"action": {"name": action}})
		with data.mcp.roles as fixtures.roles
		with data.mcp.plans as fixtures.plans
	limits == {{
		"name": "calls per day",
		"key": ["https://issuer.example", "acme", "alice"],
		"kind": "window",
		"limit": 100,
		"period": "day",
		"burst": 0,
		"cost": 1,
		"on_store_error": "deny",
		"shadow": false,
	}}
}

test_the_protocol_is_not_counted if rule.limit == set() with input as fixtures.ask({"action": {"name": "tools/list"}})
