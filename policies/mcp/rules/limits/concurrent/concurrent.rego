# METADATA
# title: Calls at the same time
# description: |
#   All tools, prompts and resources together. A call whose end never came stops counting when its lease ends.
# custom:
#   code: limits.concurrent
package mcp.rules.limits.concurrent

import data.mcp.lib.calls
import data.mcp.lib.subject

limit contains {
	"name": "calls at the same time",
	"key": subject.key,
	"kind": "concurrency",
	"limit": subject.plan.concurrent.limit,
	"period": subject.plan.concurrent.lease,
	"burst": 0,
	"cost": 1,
	"on_store_error": "deny",
	"shadow": false,
} if {
	calls.metered
}
