package mcp.rules.paths.confine_test

import data.mcp.lib.fixtures_test as fixtures
import data.mcp.rules.paths.confine as rule

test_confine[note] if {
	some note, tc in {
		"read-only tool": {
			"roles": ["files"],
			"tool": {"read_only": true},
			"read": [["public"], ["users", "alice"]],
			"write": [],
		},
		"writing tool": {
			"roles": ["files"],
			"tool": {"read_only": false},
			"read": [["public"], ["users", "alice"]],
			"write": [["users", "alice"]],
		},
		"tool nobody described": {
			"roles": ["everything"],
			"tool": {"read_only": null},
			"read": [[]],
			"write": [[]],
		},
		"one obligation for several roles": {
			"roles": ["reader", "files"],
			"tool": {"read_only": true},
			"read": [["docs"], ["public"], ["users", "alice"]],
			"write": [],
		},
		"nothing open": {"roles": ["nobody"], "tool": {"read_only": false}, "read": [], "write": []},
	}

	obligations := rule.oblige with input as object.union(
		fixtures.ask_as({"roles": tc.roles}),
		{"resource": {"properties": tc.tool}},
	)
		with data.mcp.roles as fixtures.roles
		with data.mcp.paths.never as [".env"]
	obligations == {{"type": "confine", "read": tc.read, "write": tc.write, "never": [".env"]}}
}

test_only_calls_of_tools_are_confined if {
	rule.oblige == set() with input as fixtures.ask({"action": {"name": "prompts/get"}})
}
