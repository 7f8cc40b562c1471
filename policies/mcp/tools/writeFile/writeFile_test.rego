package mcp.tools.writeFile_test

import data.mcp.lib.fixtures_test as fixtures
import data.mcp.tools.writeFile as rule

test_write_file[note] if {
	some note, tc in {
		"a plain name": {"segments": ["public", "a.txt"], "codes": set()},
		"a dot inside the name": {"segments": ["public", "my.env"], "codes": set()},
		"a name that begins with a dot": {"segments": ["public", ".profile"], "codes": _refused},
		"a directory that begins with a dot": {"segments": ["public", ".config", "x"], "codes": _refused},
		"segments as a string": {"segments": "public", "codes": _refused},
		"a segment of another type": {"segments": [7], "codes": _refused},
	}

	denials := rule.deny_call with input.resource.properties.paths as [{"segments": tc.segments, "access": "write"}]
	fixtures.codes(denials) == tc.codes
}

test_write_file_without_paths[note] if {
	some note, question in {
		"none": fixtures.ask({"resource": {"properties": {"paths": []}}}),
		"not there": fixtures.ask_without("/resource/properties/paths"),
	}

	denials := rule.deny_call with input as question
	fixtures.codes(denials) == _refused
}

_refused := {"writeFile.dot_name"}
