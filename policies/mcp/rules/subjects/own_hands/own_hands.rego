# METADATA
# title: Policies are administered with one's own hands
# description: |
#   Whoever can change policies can take every other limit away, so no agent does it: neither for a person who
#   may, nor by itself. A pipeline is a service, and may where a role of its own says so.
# custom:
#   code: subjects.own_hands
package mcp.rules.subjects.own_hands

import data.mcp.lib.result
import data.mcp.lib.subject

deny contains _reason if {
	input.resource.type == "policy"
	not _own_hands
}

_own_hands if {
	subject.acts_itself
	input.subject.type != "agent"
}

_reason := result.reason(rego.metadata.chain())
