package mcp.lib.prefixes_test

import data.mcp.lib.fixtures_test as fixtures
import data.mcp.lib.prefixes

test_prefixes[note] if {
	some note, tc in {
		"of one role": {
			"roles": ["files"],
			"read": {["public"], ["users", "alice"]},
			"write": {["users", "alice"]},
		},
		"united over roles": {
			"roles": ["files", "reader"],
			"read": {["public"], ["docs"], ["users", "alice"]},
			"write": {["users", "alice"]},
		},
		"the whole workspace": {"roles": ["everything"], "read": {[]}, "write": {[]}},
		"of nobody": {"roles": ["nobody"], "read": set(), "write": set()},
	}

	read := prefixes.read with input as fixtures.ask_as({"roles": tc.roles}) with data.mcp.roles as fixtures.roles
	read == tc.read

	write := prefixes.write with input as fixtures.ask_as({"roles": tc.roles}) with data.mcp.roles as fixtures.roles
	write == tc.write

	by_access := prefixes.by_access with input as fixtures.ask_as({"roles": tc.roles})
		with data.mcp.roles as fixtures.roles
	by_access == {"read": tc.read, "list": tc.read, "write": tc.write}
}

test_no_own_folder_opens_nothing_wider[note] if {
	some note, subject in {
		"id that is no segment": {"id": "../bob"},
		"issuer whose ids name no folders": {"properties": {"home": false}},
	}

	write := prefixes.write with input as fixtures.ask({"subject": subject}) with data.mcp.roles as fixtures.roles
	write == set()
}

test_a_prefix_that_is_no_list_of_segments_opens_nothing[note] if {
	some note, prefix in {
		"string": "public",
		"empty string": "",
		"empty object": {},
		"null": null,
		"number as a segment": [1],
		"unknown template": ["users", {"subject": "email"}],
		"list as a segment": [[]],
	}

	read := prefixes.read with input as fixtures.ask({}) with data.mcp.roles as {"files": {"paths": {"read": [prefix]}}}
	read == set()
}
