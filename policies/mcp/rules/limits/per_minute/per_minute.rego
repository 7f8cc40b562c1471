# METADATA
# title: Calls of one tool per minute
# description: |
#   Each tool by itself: a busy tool does not use up what is left for another.
# custom:
#   code: limits.per_minute
package mcp.rules.limits.per_minute

import data.mcp.lib.subject

limit contains {
	"name": $"{input.resource.id} per minute",
	"key": array.concat(subject.key, [input.resource.id]),
	"kind": "rate",
	"limit": subject.plan.per_minute.limit,
	"period": 60,
	"burst": subject.plan.per_minute.burst,
	"cost": 1,
	"on_store_error": "deny",
	"shadow": false,
} if {
	input.action.name == "tools/call"
}
