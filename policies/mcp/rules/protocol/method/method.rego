# METADATA
# title: Every caller may use the protocol itself
# description: |
#   Opening, looking around and notifications ask nothing of any tool. What a list then shows is decided item
#   by item.
# custom:
#   code: protocol.method
package mcp.rules.protocol.method

import data.mcp.lib.result

permit contains _reason if {
	input.resource.type == "server"
	_methods[input.action.name]
}

_methods := {
	"initialize",
	"server/discover",
	"ping",
	"logging/setLevel",
	"completion/complete",
	"subscriptions/listen",
	"tools/list",
	"prompts/list",
	"resources/list",
	"resources/templates/list",
	"notifications/initialized",
	"notifications/cancelled",
	"notifications/progress",
	"notifications/roots/list_changed",
}

_reason := result.reason(rego.metadata.chain())
