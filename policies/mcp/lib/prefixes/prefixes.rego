# METADATA
# description: |
#   The parts of the workspace that are open to the caller, as prefixes of segments, united over its roles.
package mcp.lib.prefixes

import data.mcp.lib.subject

# METADATA
# description: prefixes below which the caller may read and list
read contains prefix if {
	some role in subject.roles
	some template in role.paths.read
	prefix := _resolved(template)
}

# METADATA
# description: prefixes below which the caller may write
write contains prefix if {
	some role in subject.roles
	some template in role.paths.write
	prefix := _resolved(template)
}

# METADATA
# description: access → the prefixes that open it
by_access := {"read": read, "list": read, "write": write}

# a prefix with a segment that does not resolve opens nothing, rather than more by being shorter
_resolved(template) := prefix if {
	is_array(template)
	prefix := [segment | some part in template; segment := _segment(part)]
	count(prefix) == count(template)
}

_segment(part) := part if is_string(part)

_segment(part) := subject.folder if part.subject == "id"
