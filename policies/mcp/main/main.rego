# METADATA
# title: Decision
# description: |
#   Composes the six kinds of rules: permit, deny, deny_call, scope, limit, oblige. Rules for every call live
#   in `rules/<area>/<rule>`, rules of one tool alone in `tools/<tool>`. Nothing registers.
package mcp.main

import data.mcp.lib.subject

# METADATA
# description: |
#   May this subject do this to this resource in this context? The last branch has no condition: whatever the
#   question is, what nothing permits is denied and does not exist.
# entrypoint: true
decision := {
	"effect": "permit",
	"visible": true,
	"reasons": sort(_permits),
	"scopes": [],
	"limits": sort(_limits),
	"obligations": sort(_obligations),
} if {
	_visible
	count(_call_denials) == 0
	count(_scopes_missing) == 0
} else := {
	"effect": "deny",
	"visible": true,
	"reasons": sort(_call_denials | _scope_denials),
	"scopes": _scopes_to_ask_for,
	"limits": [],
	"obligations": [],
} if {
	_visible
} else := {
	"effect": "deny",
	"visible": false,
	"reasons": sort(_denials | _lack_of_permit),
	"scopes": [],
	"limits": [],
	"obligations": [],
}

default _visible := false

_visible if {
	count(_denials) == 0
	count(_permits) > 0
}

# the package of a tool is reached by its name; a prompt of that name has nothing to do with it
_tool := input.resource.id if input.resource.type == "tool"

# without arguments the question is whether some call could be permitted; of whatever type they are, they are there
_is_call if type_name(input.resource.properties.arguments) != ""

_permits contains reason if some reason in data.mcp.rules[_][_].permit
_permits contains reason if some reason in data.mcp.tools[_tool].permit

_denials contains reason if some reason in data.mcp.rules[_][_].deny
_denials contains reason if some reason in data.mcp.tools[_tool].deny

_call_denials contains reason if {
	_is_call
	some reason in data.mcp.rules[_][_].deny_call
}

_call_denials contains reason if {
	_is_call
	some reason in data.mcp.tools[_tool].deny_call
}

_scopes_needed contains scope if some scope in data.mcp.rules[_][_].scope
_scopes_needed contains scope if some scope in data.mcp.tools[_tool].scope

_scopes_missing contains scope if {
	some scope in _scopes_needed
	not subject.scopes[scope]
}

_limits contains limit if some limit in data.mcp.rules[_][_].limit
_limits contains limit if some limit in data.mcp.tools[_tool].limit

_obligations contains obligation if some obligation in data.mcp.rules[_][_].oblige
_obligations contains obligation if some obligation in data.mcp.tools[_tool].oblige

_lack_of_permit contains {"code": "main.no_permit", "message": "No rule permits this"} if count(_permits) == 0

_scope_denials contains {"code": "main.scope_missing", "message": "The access token lacks a scope"} if {
	count(_scopes_missing) > 0
}

# all of them: a client that asks for the missing ones alone would lose the rest
default _scopes_to_ask_for := []

_scopes_to_ask_for := sort(_scopes_needed) if count(_call_denials) == 0

# METADATA
# description: |
#   What each rule that this call reaches said, kind by kind; nothing said means that it did not fire. For
#   explanations and coverage, never for decisions.
# entrypoint: true
report contains {"kind": "permit", "rule": $"rules.{area}.{rule}", "said": sort(said)} if {
	some area, rule
	said := data.mcp.rules[area][rule].permit
}

report contains {"kind": "permit", "rule": $"tools.{_tool}", "said": sort(said)} if {
	said := data.mcp.tools[_tool].permit
}

report contains {"kind": "deny", "rule": $"rules.{area}.{rule}", "said": sort(said)} if {
	some area, rule
	said := data.mcp.rules[area][rule].deny
}

report contains {"kind": "deny", "rule": $"tools.{_tool}", "said": sort(said)} if {
	said := data.mcp.tools[_tool].deny
}

report contains {"kind": "deny_call", "rule": $"rules.{area}.{rule}", "said": sort(said)} if {
	_is_call
	some area, rule
	said := data.mcp.rules[area][rule].deny_call
}

report contains {"kind": "deny_call", "rule": $"tools.{_tool}", "said": sort(said)} if {
	_is_call
	said := data.mcp.tools[_tool].deny_call
}

report contains {"kind": "scope", "rule": $"rules.{area}.{rule}", "said": sort(said)} if {
	some area, rule
	said := data.mcp.rules[area][rule].scope
}

report contains {"kind": "scope", "rule": $"tools.{_tool}", "said": sort(said)} if {
	said := data.mcp.tools[_tool].scope
}

report contains {"kind": "limit", "rule": $"rules.{area}.{rule}", "said": sort(said)} if {
	some area, rule
	said := data.mcp.rules[area][rule].limit
}

report contains {"kind": "limit", "rule": $"tools.{_tool}", "said": sort(said)} if {
	said := data.mcp.tools[_tool].limit
}

report contains {"kind": "oblige", "rule": $"rules.{area}.{rule}", "said": sort(said)} if {
	some area, rule
	said := data.mcp.rules[area][rule].oblige
}

report contains {"kind": "oblige", "rule": $"tools.{_tool}", "said": sort(said)} if {
	said := data.mcp.tools[_tool].oblige
}
