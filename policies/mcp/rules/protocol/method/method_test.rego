package mcp.rules.protocol.method_test

import data.mcp.lib.fixtures_test as fixtures
import data.mcp.rules.protocol.method as rule

test_every_method_of_the_protocol[action] if {
	some action in [
		"initialize", "server/discover", "ping", "logging/setLevel", "completion/complete", "subscriptions/listen",
		"tools/list", "prompts/list", "resources/list", "resources/templates/list", "notifications/initialized",
		"notifications/cancelled", "notifications/progress", "notifications/roots/list_changed",
	]

	permits := rule.permit with input as {"action": {"name": action}, "resource": {"type": "server"}}
	fixtures.codes(permits) == {"protocol.method"}
}

test_nothing_else[note] if {
	some note, tc in {
		"a call as if of the server": {"type": "server", "action": "tools/call"},
		"a method nobody described": {"type": "server", "action": "tasks/list"},
		"an unknown notification": {"type": "server", "action": "notifications/tasks/status"},
		"a method of the protocol on a tool": {"type": "tool", "action": "ping"},
	}

	permits := rule.permit with input as {"action": {"name": tc.action}, "resource": {"type": tc.type}}
	permits == set()
}

test_method_without_an_action if rule.permit == set() with input as {"resource": {"type": "server"}}
