package mcp.rules.paths.unreachable_test

import data.mcp.lib.fixtures_test as fixtures
import data.mcp.rules.paths.unreachable as rule

test_unreachable[note] if {
	some note, tc in {
		"read, prefix to read": {"roles": ["reader"], "access": ["read"], "codes": set()},
		"list, prefix to read": {"roles": ["reader"], "access": ["list"], "codes": set()},
		"read and write, prefixes for both": {"roles": ["files"], "access": ["read", "write"], "codes": set()},
		"no path arguments": {"roles": ["nobody"], "access": [], "codes": set()},
		"write, prefix to read alone": {"roles": ["reader"], "access": ["write"], "codes": _refused},
		"read and write, prefix to read alone": {"roles": ["reader"], "access": ["read", "write"], "codes": _refused},
		"read, no role": {"roles": [], "access": ["read"], "codes": _refused},
		"an access nobody knows": {"roles": ["everything"], "access": ["execute"], "codes": _refused},
		"access as a string": {"roles": ["everything"], "access": "read", "codes": _refused},
		"access as an object": {"roles": ["everything"], "access": {"a": "read"}, "codes": _refused},
		"access false": {"roles": ["everything"], "access": false, "codes": _refused},
	}

	denials := rule.deny with input as object.union(
		fixtures.ask_as({"roles": tc.roles}),
		{"resource": {"properties": {"access": tc.access}}},
	)
		with data.mcp.roles as fixtures.roles
	fixtures.codes(denials) == tc.codes
}

test_own_folder_alone_is_unreachable_without_one if {
	denials := rule.deny with input as fixtures.ask({
		"subject": {"properties": {"home": false}},
		"resource": {"properties": {"access": ["write"]}},
	})
		with data.mcp.roles as fixtures.roles
	fixtures.codes(denials) == _refused
}

test_absent_access_asks_for_none if {
	denials := rule.deny with input as fixtures.ask_without("/resource/properties/access")
		with data.mcp.roles as {}
	denials == set()
}

test_only_tools_are_asked if {
	denials := rule.deny with input as fixtures.ask({"resource": {"type": "prompt"}}) with data.mcp.roles as {}
	denials == set()
}

_refused := {"paths.unreachable"}
