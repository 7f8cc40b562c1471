# METADATA
# title: The role grants this resource
# description: |
#   One of the caller's roles names the URI of the resource or template, or "*". A template that is named grants what
#   is read through it. An unknown resource has no server and is granted to nobody.
# custom:
#   code: resources.role_granted
package mcp.rules.resources.role_granted

import data.mcp.lib.result
import data.mcp.lib.subject

permit contains _reason if {
	input.resource.type in {"resource", "resource_template"}
	input.action.name in {"resources/read", "resources/subscribe", "resources/unsubscribe", "completion/complete"}
	is_string(input.resource.properties.server)
	some role in subject.roles
	some granted in role.resources
	_covers[granted]
}

_covers contains "*"

_covers contains input.resource.id

_covers contains input.resource.properties.template

_reason := result.reason(rego.metadata.chain())
