package mcp.rules.paths.outside_test

import data.mcp.lib.fixtures_test as fixtures
import data.mcp.rules.paths.outside as rule

test_outside[note] if {
	some note, tc in {
		"read below a prefix": {"paths": [["read", ["public", "a", "b"]]], "codes": set()},
		"read the prefix itself": {"paths": [["read", ["public"]]], "codes": set()},
		"read the own folder": {"paths": [["read", ["users", "alice", "x"]]], "codes": set()},
		"write the own folder": {"paths": [["write", ["users", "alice", "x"]]], "codes": set()},
		"list below a prefix": {"paths": [["list", ["public", "a"]]], "codes": set()},
		"list above a prefix": {"paths": [["list", ["users"]]], "codes": set()},
		"list the root": {"paths": [["list", []]], "codes": set()},
		"every path inside": {"paths": [["read", ["public"]], ["write", ["users", "alice"]]], "codes": set()},
		"no paths": {"paths": [], "codes": set()},
		"read elsewhere": {"paths": [["read", ["etc", "passwd"]]], "codes": _refused},
		"read above a prefix": {"paths": [["read", ["users"]]], "codes": _refused},
		"read the root": {"paths": [["read", []]], "codes": _refused},
		"a name that only begins alike": {"paths": [["read", ["publications", "x"]]], "codes": _refused},
		"a name of another case": {"paths": [["read", ["Public", "x"]]], "codes": _refused},
		"a prefix deeper in": {"paths": [["read", ["a", "public"]]], "codes": _refused},
		"read the folder of another": {"paths": [["read", ["users", "bob", "x"]]], "codes": _refused},
		"list the folder of another": {"paths": [["list", ["users", "bob"]]], "codes": _refused},
		"list elsewhere": {"paths": [["list", ["etc"]]], "codes": _refused},
		"write where only reading is open": {"paths": [["write", ["public", "a"]]], "codes": _refused},
		"write above a prefix": {"paths": [["write", ["users"]]], "codes": _refused},
		"one of two outside": {"paths": [["read", ["public"]], ["read", ["etc"]]], "codes": _refused},
		"an access nobody knows": {"paths": [["execute", ["public"]]], "codes": _refused},
		"segments as a string": {"paths": [["read", "public"]], "codes": _refused},
		"segments null": {"paths": [["list", null]], "codes": _refused},
	}

	paths := [{"argument": "/path", "segments": path[1], "access": path[0]} | some path in tc.paths]
	denials := rule.deny_call with input as fixtures.ask({"resource": {"properties": {"paths": paths}}})
		with data.mcp.roles as fixtures.roles
	fixtures.codes(denials) == tc.codes
}

test_paths_of_another_type[note] if {
	some note, paths in {"object": {"a": {"segments": ["public"], "access": "read"}}, "string": "", "null": null}

	denials := rule.deny_call with input as fixtures.ask({"resource": {"properties": {"paths": paths}}})
		with data.mcp.roles as fixtures.roles
	fixtures.codes(denials) == _refused
}

test_paths_of_another_type_where_none_are_declared if {
	denials := rule.deny_call with input as fixtures.ask({"resource": {"properties": {"access": [], "paths": null}}})
		with data.mcp.roles as fixtures.roles
	fixtures.codes(denials) == _refused
}

test_declared_paths_that_are_not_there if {
	denials := rule.deny_call with input as fixtures.ask_without("/resource/properties/paths")
		with data.mcp.roles as fixtures.roles
	fixtures.codes(denials) == _refused
}

test_no_paths_declared_and_none_there if {
	denials := rule.deny_call with input as {"resource": {"type": "tool", "id": "now", "properties": {"arguments": {}}}}
		with data.mcp.roles as fixtures.roles
	denials == set()
}

test_only_tools_are_asked if {
	denials := rule.deny_call with input as {"resource": {"type": "resource", "properties": {"access": ["read"]}}}
	denials == set()
}

_refused := {"paths.outside"}
