# METADATA
# title: Operations need the read or the write scope
# description: |
#   What our own catalogue calls read-only needs `mcp:read`, everything else `mcp:write`. The protocol itself and
#   its lists need none.
# custom:
#   code: scopes.read_write
package mcp.rules.scopes.read_write

scope contains "mcp:read" if {
	_types[input.resource.type]
	_read_only
}

scope contains "mcp:write" if {
	_types[input.resource.type]
	not _read_only
}

_types := {"tool", "prompt", "resource", "resource_template"}

_read_only if input.resource.properties.read_only == true
