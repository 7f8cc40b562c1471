package mcp.rules.subjects.incomplete_test

import data.mcp.lib.fixtures_test as fixtures
import data.mcp.rules.subjects.incomplete as rule

test_incomplete_without[attribute] if {
	some attribute in ["/subject", "/subject/id", "/subject/properties/tenant", "/subject/properties/roles"]

	denials := rule.deny with input as fixtures.ask_without(attribute)
	denials == {{"code": "subjects.incomplete", "message": "The token does not say enough about the caller"}}
}

test_complete if rule.deny == set() with input as fixtures.ask({})
