# METADATA
# title: The caller has no complete plan
# description: |
#   While there are plans, nobody calls anything without limits: a plan that is missing, or that leaves a limit
#   out, is no licence.
# custom:
#   code: limits.required
package mcp.rules.limits.required

import data.mcp.lib.calls
import data.mcp.lib.result
import data.mcp.lib.subject

deny contains _reason if {
	calls.metered
	count(data.mcp.plans) > 0
	not _complete
}

_complete if {
	is_number(subject.plan.per_minute.limit)
	is_number(subject.plan.per_minute.burst)
	is_number(subject.plan.per_day.limit)
	is_number(subject.plan.concurrent.limit)
	is_number(subject.plan.concurrent.lease)
	is_number(subject.plan.max_bytes)
}

_reason := result.reason(rego.metadata.chain())
