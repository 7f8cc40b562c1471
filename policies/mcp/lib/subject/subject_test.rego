package mcp.lib.subject_test

import data.mcp.lib.fixtures_test as fixtures
import data.mcp.lib.subject

test_complete_is_false_without[attribute] if {
	some attribute in [
		"/subject",
		"/subject/type",
		"/subject/id",
		"/subject/properties",
		"/subject/properties/issuer",
		"/subject/properties/tenant",
		"/subject/properties/roles",
		"/subject/properties/scopes",
	]

	subject.complete == false with input as fixtures.ask_without(attribute)
}

test_complete[note] if {
	some note, tc in {
		"everything there": {"subject": {}, "complete": true},
		"empty tenant": {"subject": {"properties": {"tenant": ""}}, "complete": true},
		"no roles": {"subject": {"properties": {"roles": []}}, "complete": true},
		"empty type": {"subject": {"type": ""}, "complete": false},
		"type of another type": {"subject": {"type": ["user"]}, "complete": false},
		"empty id": {"subject": {"id": ""}, "complete": false},
		"id of another type": {"subject": {"id": 7}, "complete": false},
		"empty issuer": {"subject": {"properties": {"issuer": ""}}, "complete": false},
		"issuer of another type": {"subject": {"properties": {"issuer": 7}}, "complete": false},
		"tenant of another type": {"subject": {"properties": {"tenant": ["acme"]}}, "complete": false},
		"roles as a string": {"subject": {"properties": {"roles": "files"}}, "complete": false},
		"roles as an object": {"subject": {"properties": {"roles": {"a": "files"}}}, "complete": false},
		"scopes as a string": {"subject": {"properties": {"scopes": "mcp:read mcp:write"}}, "complete": false},
	}

	subject.complete == tc.complete with input as fixtures.ask({"subject": tc.subject})
}

test_complete_with_actors[note] if {
	some note, tc in {
		"one": {"actors": [{"id": "agent", "issuer": "https://issuer.example"}], "complete": true},
		"none": {"actors": [], "complete": true},
		"an object": {"actors": {}, "complete": false},
		"a string": {"actors": "agent", "complete": false},
		"false": {"actors": false, "complete": false},
		"null": {"actors": null, "complete": false},
		"names alone": {"actors": ["agent"], "complete": false},
		"without id": {"actors": [{"issuer": "https://issuer.example"}], "complete": false},
		"empty id": {"actors": [{"id": "", "issuer": "https://issuer.example"}], "complete": false},
		"without issuer": {"actors": [{"id": "agent"}], "complete": false},
		"one of two without id": {
			"actors": [{"id": "agent", "issuer": "https://issuer.example"}, {"issuer": "https://issuer.example"}],
			"complete": false,
		},
	}

	subject.complete == tc.complete with input as fixtures.ask_as({"actors": tc.actors})
}

test_acts_itself[note] if {
	some note, tc in {
		"nobody acts for it": {"properties": {"actors": []}, "itself": true},
		"nothing said of actors": {"properties": {}, "itself": true},
		"somebody does": {"properties": {"actors": [{"id": "a", "issuer": "i"}]}, "itself": false},
		"actors of another type": {"properties": {"actors": "a"}, "itself": false},
		"actors that are null": {"properties": {"actors": null}, "itself": false},
	}

	subject.acts_itself == tc.itself with input as fixtures.ask_as(tc.properties)
}

test_roles_for_people_only[note] if {
	some note, tc in {
		"a person": {"subject": {}, "known": {"all", "people", "misspelt"}},
		"a person whom an agent acts for": {"subject": {"properties": {"actors": _agent}}, "known": {"all"}},
		"an agent by itself": {"subject": {"type": "agent"}, "known": {"all"}},
		"a service": {"subject": {"type": "service"}, "known": {"all"}},
	}

	roles := subject.roles with input as object.union(
		fixtures.ask_as({"roles": ["all", "people", "misspelt"]}),
		{"subject": tc.subject},
	)
		with data.mcp.roles as {
			"all": {"r": "all", "people_only": false},
			"people": {"r": "people", "people_only": true},
			"misspelt": {"r": "misspelt", "people_only": "no"},
		}
		with data.mcp.inherits as {}
	{role.r | some role in roles} == tc.known
}

test_plan_counts_roles_for_people_too if {
	plan := subject.plan with input as fixtures.ask_as({"roles": ["people", "large"], "actors": _agent})
		with data.mcp.roles as {
			"people": {"people_only": true, "plan": "small", "rank": 2},
			"large": {"plan": "large", "rank": 1},
		}
		with data.mcp.plans as {"small": "the small one", "large": "the large one"}
		with data.mcp.inherits as {}
	plan == "the small one"
}

test_key if subject.key == ["https://issuer.example", "acme", "alice"] with input as fixtures.ask({})

test_roles[note] if {
	some note, tc in {
		"own": {"roles": ["files"], "known": [{"r": "files"}]},
		"inherited over two steps": {"roles": ["chief"], "known": [{"r": "files"}]},
		"own and inherited, each once": {"roles": ["chief", "editor", "files"], "known": [{"r": "files"}]},
		"of a circle": {"roles": ["left"], "known": [{"r": "right"}]},
		"known but nowhere in inherits": {"roles": ["loose"], "known": [{"r": "loose"}]},
		"unknown": {"roles": ["nobody", "", "*"], "known": []},
		"none": {"roles": [], "known": []},
		"not strings": {"roles": [7, null, {"a": 1}, ["files"]], "known": []},
		"a string": {"roles": "files", "known": []},
		"an object": {"roles": {"a": "files"}, "known": []},
	}

	known := subject.roles with input as fixtures.ask_as({"roles": tc.roles})
		with data.mcp.roles as {"files": {"r": "files"}, "right": {"r": "right"}, "loose": {"r": "loose"}}
		with data.mcp.inherits as object.union(fixtures.inherits, {"left": ["right"], "right": ["left"]})
	known == tc.known
}

test_roles_without_the_attribute if subject.roles == [] with input as fixtures.ask_without("/subject/properties/roles")

test_scopes[note] if {
	some note, tc in {
		"its own": {"scopes": ["a"], "all": {"a"}},
		"what they imply, over two steps": {"scopes": ["c"], "all": {"a", "b", "c"}},
		"nobody described": {"scopes": ["x"], "all": {"x"}},
		"none": {"scopes": [], "all": set()},
		"a string": {"scopes": "a", "all": set()},
		"an object": {"scopes": {"x": "a"}, "all": set()},
	}

	scopes := subject.scopes with input as fixtures.ask_as({"scopes": tc.scopes})
		with data.mcp.scopes as {"a": [], "b": ["a"], "c": ["b"]}
	scopes == tc.all
}

test_scopes_without_the_attribute if {
	subject.scopes == set() with input as fixtures.ask_without("/subject/properties/scopes")
}

test_plan[note] if {
	some note, tc in {
		"of the only role": {"roles": ["low"], "plan": "small"},
		"of the highest rank": {"roles": ["high", "low"], "plan": "large"},
		"of the highest rank, whatever the order": {"roles": ["low", "high"], "plan": "large"},
		"of an inherited role": {"roles": ["heir"], "plan": "small"},
		"one rank twice: the last by name": {"roles": ["low", "lower"], "plan": "tiny"},
		"no role": {"roles": [], "plan": "default"},
		"unknown role": {"roles": ["nobody"], "plan": "default"},
		"role without a rank": {"roles": ["unranked"], "plan": "default"},
		"rank of another type": {"roles": ["misranked", "low"], "plan": "small"},
		"role with a plan that is not there": {"roles": ["lost", "low"], "plan": "small"},
	}

	plan := subject.plan with input as fixtures.ask_as({"roles": tc.roles})
		with data.mcp.inherits as {"heir": ["low"], "low": []}
		with data.mcp.plans as {name: {"is": name} | some name in ["default", "tiny", "small", "large"]}
		with data.mcp.roles as {
			"low": {"plan": "small", "rank": 1},
			"lower": {"plan": "tiny", "rank": 1},
			"high": {"plan": "large", "rank": 10},
			"unranked": {"plan": "large"},
			"misranked": {"plan": "large", "rank": "9"},
			"lost": {"plan": "gone", "rank": 99},
		}
	plan == {"is": tc.plan}
}

test_folder_is_the_id[id] if {
	some id in ["alice", "a.b", "...", "Ωmega", "a b", "~", concat("", ["x" | some _ in numbers.range(1, 255)])]

	folder := subject.folder with input as fixtures.ask({"subject": {"id": id}})
	folder == id
}

test_no_folder_for_an_id_that_is_no_segment[id] if {
	some id in [
		"", ".", "..", "../x", "/", "a/b", "/a", "a/", "a\u0000b", "\u0000",
		concat("", ["x" | some _ in numbers.range(1, 256)]),
	]

	not subject.folder with input as fixtures.ask({"subject": {"id": id}})
}

test_no_folder_for_an_id_of_another_type[note] if {
	some note, id in {"list": ["alice"], "object": {"alice": 1}, "number": 7, "null": null}

	not subject.folder with input as fixtures.ask({"subject": {"id": id}})
}

test_no_folder[note] if {
	some note, properties in {
		"issuer whose ids name no folders": {"home": false},
		"home of another type": {"home": "true"},
	}

	not subject.folder with input as fixtures.ask_as(properties)
}

test_no_folder_without[attribute] if {
	some attribute in ["/subject/properties/home", "/subject/id"]

	not subject.folder with input as fixtures.ask_without(attribute)
}

_agent := [{"id": "agent", "issuer": "https://issuer.example"}]
