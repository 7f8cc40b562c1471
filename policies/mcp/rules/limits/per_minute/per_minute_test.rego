package mcp.rules.limits.per_minute_test

import data.mcp.lib.fixtures_test as fixtures
import data.mcp.rules.limits.per_minute as rule

test_per_minute if {
	limits := rule.limit with input as fixtures.ask({})
		with data.mcp.roles as fixtures.roles
		with data.mcp.plans as fixtures.plans
	limits == {{
		"name": "readFile per minute",
		"key": ["https://issuer.example", "acme", "alice", "readFile"],
		"kind": "rate",
		"limit": 10,
		"period": 60,
		"burst": 1,
		"cost": 1,
		"on_store_error": "deny",
		"shadow": false,
	}}
}

test_only_tools_are_limited_by_themselves[action] if {
	some action in ["tools/list", "prompts/get", "resources/read", "ping"]

	rule.limit == set() with input as fixtures.ask({"action": {"name": action}})
}
