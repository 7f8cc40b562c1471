# METADATA
# title: Tools that change things need a role that may write
# description: |
#   A tool counts as changing things until our own catalogue calls it read-only, so a tool nobody described is
#   covered.
# custom:
#   code: tools.writer_role
package mcp.rules.tools.writer_role

import data.mcp.lib.result
import data.mcp.lib.subject

deny contains _reason if {
	input.resource.type == "tool"
	not _read_only
	not _may_write
}

_read_only if input.resource.properties.read_only == true

_may_write if {
	some role in subject.roles
	role.may_write == true
}

_reason := result.reason(rego.metadata.chain())
