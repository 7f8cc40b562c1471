package mcp.rules.limits.required_test

import data.mcp.lib.fixtures_test as fixtures
import data.mcp.rules.limits.required as rule

test_required[note] if {
	some note, tc in {
		"complete plan": {"plans": fixtures.plans, "codes": set()},
		"no plans at all": {"plans": {}, "codes": set()},
		"no plan for this caller": {"plans": {"large": fixtures.plans.large}, "codes": _refused},
		"empty plan": {"plans": {"small": {}}, "codes": _refused},
		"plan that is null": {"plans": {"small": null}, "codes": _refused},
		"limit of another type": {
			"plans": object.union(fixtures.plans, {"small": {"per_day": {"limit": "100"}}}),
			"codes": _refused,
		},
	}

	denials := rule.deny with input as fixtures.ask({})
		with data.mcp.roles as fixtures.roles
		with data.mcp.plans as tc.plans
	fixtures.codes(denials) == tc.codes
}

test_required_with_a_plan_that_leaves_out[part] if {
	some part in [
		"/small/per_minute",
		"/small/per_minute/limit",
		"/small/per_minute/burst",
		"/small/per_day",
		"/small/per_day/limit",
		"/small/concurrent",
		"/small/concurrent/limit",
		"/small/concurrent/lease",
		"/small/max_bytes",
	]

	every action in ["tools/call", "prompts/get", "resources/read"] {
		denials := rule.deny with input as fixtures.ask({"action": {"name": action}})
			with data.mcp.roles as fixtures.roles
			with data.mcp.plans as json.remove(fixtures.plans, [part])
		fixtures.codes(denials) == _refused
	}
}

test_the_protocol_needs_no_plan if {
	denials := rule.deny with input as fixtures.ask({"action": {"name": "ping"}}) with data.mcp.plans as {"small": {}}
	denials == set()
}

_refused := {"limits.required"}
