# METADATA
# title: Tools work inside the part of the workspace that is open to the caller
# description: |
#   The same prefixes and names that the path rules decide on. A tool that is not known to change things gets
#   nothing to write to, whatever it declared.
# custom:
#   code: paths.confine
package mcp.rules.paths.confine

import data.mcp.lib.prefixes

oblige contains {
	"type": "confine",
	"read": sort(prefixes.read),
	"write": _write,
	"never": data.mcp.paths.never,
} if {
	input.action.name == "tools/call"
}

_write := [] if input.resource.properties.read_only == true

else := sort(prefixes.write)
