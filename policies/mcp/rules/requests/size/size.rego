# METADATA
# title: The request is larger than the caller's plan allows
# description: |
#   A plan may bound the size of a request below what the server takes from anyone.
# custom:
#   code: requests.size
package mcp.rules.requests.size

import data.mcp.lib.result
import data.mcp.lib.subject

deny_call contains _reason if {
	count(data.mcp.plans) > 0
	not _fits
}

_fits if {
	is_number(input.context.bytes)
	input.context.bytes <= subject.plan.max_bytes
}

_reason := result.reason(rego.metadata.chain())
