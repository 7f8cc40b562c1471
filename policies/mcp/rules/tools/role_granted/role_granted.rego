# METADATA
# title: The role grants this tool
# description: |
#   One of the caller's roles names the tool, or "*". An unknown tool has no server and is granted to nobody.
# custom:
#   code: tools.role_granted
package mcp.rules.tools.role_granted

import data.mcp.lib.result
import data.mcp.lib.subject

permit contains _reason if {
	input.action.name == "tools/call"
	input.resource.type == "tool"
	is_string(input.resource.properties.server)
	some role in subject.roles
	some name in role.tools
	name in {"*", input.resource.id}
}

_reason := result.reason(rego.metadata.chain())
