# METADATA
# title: writeFile writes no names that begin with a dot
# description: |
#   Names that begin with a dot configure shells, editors and build tools; writing one can make somebody else
#   run what the caller chose. Reading them is a question of the path rules.
# custom:
#   code: writeFile.dot_name
package mcp.tools.writeFile

import data.mcp.lib.result

deny_call contains _reason if not _plain

_plain if {
	count(input.resource.properties.paths) > 0
	every path in input.resource.properties.paths {
		every segment in path.segments {
			startswith(segment, ".") == false
		}
	}
}

_reason := result.reason(rego.metadata.chain())
