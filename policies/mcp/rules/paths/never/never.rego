# METADATA
# title: A path contains a name that is closed to everyone
# description: |
#   Names of credentials and repositories are closed at any depth, for every access and every role.
# custom:
#   code: paths.never
package mcp.rules.paths.never

import data.mcp.lib.result

deny_call contains _reason if {
	some path in input.resource.properties.paths
	some segment in path.segments
	_is_closed(segment)
}

# what is no name at all never gets this far over MCP; other entrances put their own questions
_is_closed(segment) if segment in {"", ".", ".."}

_is_closed(segment) if segment in data.mcp.paths.never

_reason := result.reason(rego.metadata.chain())
