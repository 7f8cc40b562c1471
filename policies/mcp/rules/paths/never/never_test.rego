package mcp.rules.paths.never_test

import data.mcp.lib.fixtures_test as fixtures
import data.mcp.rules.paths.never as rule

test_never[note] if {
	some note, tc in {
		"no closed name": {"segments": ["public", "a.txt"], "codes": set()},
		"the root": {"segments": [], "codes": set()},
		"a name that only contains one": {"segments": ["public", "my.env", ".environment"], "codes": set()},
		"as the file": {"segments": ["public", ".env"], "codes": _refused},
		"as a directory on the way": {"segments": ["public", ".git", "config"], "codes": _refused},
		"at the top": {"segments": [".git"], "codes": _refused},
		"the parent": {"segments": ["public", "..", "etc"], "codes": _refused},
		"the directory itself": {"segments": ["public", "."], "codes": _refused},
		"an empty name": {"segments": ["public", ""], "codes": _refused},
	}

	every access in ["read", "write", "list"] {
		denials := rule.deny_call with input.resource.properties.paths as [
			{"argument": "/from", "segments": ["public"], "access": "read"},
			{"argument": "/path", "segments": tc.segments, "access": access},
		]
			with data.mcp.paths.never as [".env", ".git"]
		fixtures.codes(denials) == tc.codes
	}
}

test_never_without_paths if rule.deny_call == set() with input as fixtures.ask_without("/resource/properties/paths")

_refused := {"paths.never"}
