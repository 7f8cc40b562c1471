package mcp.rules.tools.writer_role_test

import data.mcp.lib.fixtures_test as fixtures
import data.mcp.rules.tools.writer_role as rule

test_writer_role[note] if {
	some note, tc in {
		"read-only tool, role that may not write": {"tool": {"read_only": true}, "roles": ["reader"], "codes": set()},
		"writing tool, role that may write": {"tool": {"read_only": false}, "roles": ["files"], "codes": set()},
		"writing tool, one of two roles may write": {
			"tool": {"read_only": false},
			"roles": ["reader", "files"],
			"codes": set(),
		},
		"writing tool, role that may not write": {"tool": {"read_only": false}, "roles": ["reader"], "codes": _refused},
		"writing tool, unknown role": {"tool": {"read_only": false}, "roles": ["nobody"], "codes": _refused},
		"tool nobody described": {"tool": {}, "roles": ["reader"], "codes": _refused},
		"read-only said as a string": {"tool": {"read_only": "true"}, "roles": ["reader"], "codes": _refused},
		"may_write said as a string": {"tool": {}, "roles": ["misspelt"], "codes": _refused},
	}

	denials := rule.deny with input as {
		"subject": {"properties": {"roles": tc.roles}},
		"action": {"name": "tools/call"},
		"resource": {"type": "tool", "id": "t", "properties": tc.tool},
	}
		with data.mcp.roles as object.union(fixtures.roles, {"misspelt": {"may_write": "true"}})
	fixtures.codes(denials) == tc.codes
}

test_only_tools_are_asked if rule.deny == set() with input as {"resource": {"type": "prompt", "properties": {}}}

_refused := {"tools.writer_role"}
