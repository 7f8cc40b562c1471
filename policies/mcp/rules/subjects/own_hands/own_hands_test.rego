package mcp.rules.subjects.own_hands_test

import data.mcp.lib.fixtures_test as fixtures
import data.mcp.rules.subjects.own_hands as rule

test_own_hands[note] if {
	some note, tc in {
		"a person": {"subject": {}, "codes": set()},
		"a service": {"subject": {"type": "service"}, "codes": set()},
		"an agent": {"subject": {"type": "agent"}, "codes": _refused},
		"an agent for a person": {"subject": {"properties": {"actors": _actors}}, "codes": _refused},
		"a service for a person": {"subject": {"properties": {"actors": _actors}}, "codes": _refused},
		"actors that cannot be read": {"subject": {"properties": {"actors": "agent"}}, "codes": _refused},
		"no type": {"subject": {"type": null}, "codes": set()},
	}

	denials := rule.deny with input as fixtures.ask({"subject": tc.subject, "resource": {"type": "policy"}})
	fixtures.codes(denials) == tc.codes
}

test_only_policies[type] if {
	some type in ["tool", "server", "prompt", "resource"]

	denials := rule.deny with input as fixtures.ask({
		"subject": {"type": "agent", "properties": {"actors": _actors}},
		"resource": {"type": type},
	})
	denials == set()
}

_actors := [{"id": "agent", "issuer": "https://issuer.example"}]

_refused := {"subjects.own_hands"}
