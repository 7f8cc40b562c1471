# METADATA
# title: The role grants this prompt
# description: |
#   One of the caller's roles names the prompt, or "*". An unknown prompt has no server and is granted to nobody.
#   Completing its arguments is part of using it.
# custom:
#   code: prompts.role_granted
package mcp.rules.prompts.role_granted

import data.mcp.lib.result
import data.mcp.lib.subject

permit contains _reason if {
	input.resource.type == "prompt"
	input.action.name in {"prompts/get", "completion/complete"}
	is_string(input.resource.properties.server)
	some role in subject.roles
	some name in role.prompts
	name in {"*", input.resource.id}
}

_reason := result.reason(rego.metadata.chain())
