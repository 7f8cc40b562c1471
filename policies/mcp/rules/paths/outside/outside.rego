# METADATA
# title: A path lies outside what the caller may use
# description: |
#   Every path argument lies below a prefix that one of the caller's roles opens for its access. Segments are
#   compared one by one. A directory above a readable prefix may be listed: the workspace shows only the way down.
# custom:
#   code: paths.outside
package mcp.rules.paths.outside

import data.mcp.lib.prefixes
import data.mcp.lib.result

deny_call contains _reason if {
	input.resource.type == "tool"
	not _inside
}

_inside if {
	is_array(input.resource.properties.paths)
	every path in input.resource.properties.paths {
		_open(path)
	}
}

# a tool that declares path arguments always comes with its paths, if only []
_inside if {
	object.get(input.resource.properties, "paths", []) == []
	object.get(input.resource.properties, "access", []) == []
}

_open(path) if {
	some prefix in prefixes.by_access[path.access]
	array.slice(path.segments, 0, count(prefix)) == prefix
}

_open(path) if {
	path.access == "list"
	some prefix in prefixes.read
	array.slice(prefix, 0, count(path.segments)) == path.segments
}

_reason := result.reason(rego.metadata.chain())
