package mcp.rules.requests.size_test

import data.mcp.lib.fixtures_test as fixtures
import data.mcp.rules.requests.size as rule

test_size[note] if {
	some note, tc in {
		"smaller than the plan allows": {"bytes": 999, "codes": set()},
		"as large": {"bytes": 1000, "codes": set()},
		"larger": {"bytes": 1001, "codes": _refused},
		"of another type": {"bytes": "10", "codes": _refused},
		"null": {"bytes": null, "codes": _refused},
	}

	denials := rule.deny_call with input as fixtures.ask({"context": {"bytes": tc.bytes}})
		with data.mcp.roles as fixtures.roles
		with data.mcp.plans as fixtures.plans
	fixtures.codes(denials) == tc.codes
}

test_size_nobody_measured if {
	denials := rule.deny_call with input as fixtures.ask_without("/context/bytes")
		with data.mcp.roles as fixtures.roles
		with data.mcp.plans as fixtures.plans
	fixtures.codes(denials) == _refused
}

test_plan_without_a_size if {
	denials := rule.deny_call with input as fixtures.ask({})
		with data.mcp.roles as fixtures.roles
		with data.mcp.plans as json.remove(fixtures.plans, ["/small/max_bytes"])
	fixtures.codes(denials) == _refused
}

test_no_plans_at_all if {
	denials := rule.deny_call with input as fixtures.ask({}) with data.mcp.plans as {}
	denials == set()
}

_refused := {"requests.size"}
