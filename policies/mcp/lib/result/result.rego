# METADATA
# description: What a rule returns.
package mcp.lib.result

# METADATA
# description: |
#   The reason of the rule whose metadata chain this is: the nearest title and code, its own or those of its
#   package. The fallback keeps a rule without metadata from denying nothing.
reason(chain) := labelled[0] if {
	labelled := [{"code": link.annotations.custom.code, "message": link.annotations.title} | some link in chain]
} else := {"code": "policy.unlabelled", "message": "A rule without title and code"}
