# METADATA
# title: The role administers the policies of this server
# description: |
#   One of the caller's roles names the action under `administration`, or "*". To change policies is to be able to
#   change everything else, so nothing but this grants it.
# custom:
#   code: administration.role_granted
package mcp.rules.administration.role_granted

import data.mcp.lib.result
import data.mcp.lib.subject

permit contains _reason if {
	input.resource.type == "policy"
	_actions[input.action.name]
	is_string(input.resource.properties.server)
	some role in subject.roles
	some action in role.administration
	action in {"*", input.action.name}
}

_actions := {"policy/read", "policy/check", "policy/activate", "policy/rollback", "policy/shadow"}

_reason := result.reason(rego.metadata.chain())
