package mcp.rules.scopes.read_write_test

import data.mcp.rules.scopes.read_write as rule

test_read_write[note] if {
	some note, tc in {
		"read-only tool": {"type": "tool", "properties": {"read_only": true}, "scopes": {"mcp:read"}},
		"writing tool": {"type": "tool", "properties": {"read_only": false}, "scopes": {"mcp:write"}},
		"tool nobody described": {"type": "tool", "properties": {}, "scopes": {"mcp:write"}},
		"read-only said as a string": {"type": "tool", "properties": {"read_only": "true"}, "scopes": {"mcp:write"}},
		"read-only prompt": {"type": "prompt", "properties": {"read_only": true}, "scopes": {"mcp:read"}},
		"prompt nobody described": {"type": "prompt", "properties": {}, "scopes": {"mcp:write"}},
		"read-only resource": {"type": "resource", "properties": {"read_only": true}, "scopes": {"mcp:read"}},
		"resource template": {"type": "resource_template", "properties": {}, "scopes": {"mcp:write"}},
		"the protocol": {"type": "server", "properties": {}, "scopes": set()},
		"the protocol, called read-only": {"type": "server", "properties": {"read_only": true}, "scopes": set()},
	}

	scopes := rule.scope with input as {"resource": {"type": tc.type, "id": "x", "properties": tc.properties}}
	scopes == tc.scopes
}
