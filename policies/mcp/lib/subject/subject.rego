# METADATA
# description: |
#   Who calls: facts that many rules need, as rules without arguments because only those are evaluated once
#   per decision in WASM. An attribute that is missing or of another type leads to less, never to more.
package mcp.lib.subject

# METADATA
# scope: document
# description: all that identifies and describes a caller is there
default complete := false

complete if {
	is_string(input.subject.type)
	input.subject.type != ""
	is_string(input.subject.id)
	input.subject.id != ""
	is_string(input.subject.properties.issuer)
	input.subject.properties.issuer != ""
	is_string(input.subject.properties.tenant)
	is_array(input.subject.properties.roles)
	is_array(input.subject.properties.scopes)
	is_array(_actors)
	count(_unknown_actors) == 0
}

# METADATA
# scope: document
# description: nobody acts for the caller
default acts_itself := false

acts_itself if _actors == []

_actors := object.get(input.subject.properties, "actors", [])

_unknown_actors contains position if {
	some position, actor in _actors
	not _is_known(actor)
}

_is_known(actor) if {
	is_string(actor.id)
	actor.id != ""
	is_string(actor.issuer)
	actor.issuer != ""
}

# METADATA
# description: how every limit's key begins
key := [input.subject.properties.issuer, input.subject.properties.tenant, input.subject.id]

# METADATA
# description: |
#   What the caller's roles say, inherited ones included; roles nobody described say nothing. Those for people only
#   say nothing of an agent or a service, nor of a person whom one acts for.
roles := [role |
	some role in _known_roles
	_counts(role)
]

_known_roles := [role |
	some name in (graph.reachable(data.mcp.inherits, _own_roles) | _own_roles)
	role := data.mcp.roles[name]
]

_counts(_) if {
	input.subject.type == "user"
	acts_itself
}

_counts(role) if not role.people_only

_own_roles contains name if {
	is_array(input.subject.properties.roles)
	some name in input.subject.properties.roles
}

# METADATA
# description: the scopes of the token and all that they imply
scopes := graph.reachable(data.mcp.scopes, _own_scopes) | _own_scopes

_own_scopes contains scope if {
	is_array(input.subject.properties.scopes)
	some scope in input.subject.properties.scopes
}

# METADATA
# description: the one plan of the caller, that of its role with the highest rank
plan := data.mcp.plans[_plan_name]

default _plan_name := "default"

_plan_name := max(_ranked)[1]

# Of all roles, those for people only too: or an agent could have the larger plan of a lesser role of its person.
# The name breaks a tie, so that two roles of one rank never make the decision depend on their order
_ranked contains [role.rank, role.plan] if {
	some role in _known_roles
	is_number(role.rank)
	data.mcp.plans[role.plan]
}

# METADATA
# description: the caller's own folder; undefined unless its id is one segment and its issuer names folders
folder := input.subject.id if {
	input.subject.properties.home == true
	is_string(input.subject.id)
	not input.subject.id in {"", ".", ".."}
	not contains(input.subject.id, "/")
	not contains(input.subject.id, "\u0000")
	count(input.subject.id) <= 255
}
