# METADATA
# title: Calls per day
# description: |
#   All tools, prompts and resources together, days in UTC.
# custom:
#   code: limits.per_day
package mcp.rules.limits.per_day

import data.mcp.lib.calls
import data.mcp.lib.subject

limit contains {
	"name": "calls per day",
	"key": subject.key,
	"kind": "window",
	"limit": subject.plan.per_day.limit,
	"period": "day",
	"burst": 0,
	"cost": 1,
	"on_store_error": "deny",
	"shadow": false,
} if {
	calls.metered
}
