package mcp.lib.calls_test

import data.mcp.lib.calls

test_metered[action] if {
	some action, metered in {
		"tools/call": true,
		"prompts/get": true,
		"resources/read": true,
		"tools/list": false,
		"tools/call/x": false,
		"resources/subscribe": false,
	}

	calls.metered == metered with input as {"action": {"name": action}}
}

test_metered_without_an_action if calls.metered == false with input as {}
