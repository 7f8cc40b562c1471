# METADATA
# title: The caller has no path that this tool could use
# description: |
#   A tool that asks for a kind of access of which the caller has no prefix at all cannot be called with success,
#   so it is hidden.
# custom:
#   code: paths.unreachable
package mcp.rules.paths.unreachable

import data.mcp.lib.prefixes
import data.mcp.lib.result

deny contains _reason if {
	input.resource.type == "tool"
	not _reachable
}

_reachable if object.get(input.resource.properties, "access", []) == []

_reachable if {
	is_array(input.resource.properties.access)
	every access in input.resource.properties.access {
		count(prefixes.by_access[access]) > 0
	}
}

_reason := result.reason(rego.metadata.chain())
