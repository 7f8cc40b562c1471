package mcp.main_test

import data.mcp.lib.fixtures_test as fixtures
import data.mcp.main

# rules by area and name, and of one tool; every test composes its own
_granting := {"a": {"grants": {"permit": {_reason("a.grants")}}}}

test_effect_and_visibility[note] if {
	some note, tc in {
		"nothing permits": {"rules": {}, "decision": _hidden(["main.no_permit"])},
		"a rule permits": {"rules": _granting, "decision": _permit(["a.grants"])},
		"several rules permit": {
			"rules": object.union(_granting, {"b": {"x": {"permit": {_reason("b.x")}}}}),
			"decision": _permit(["a.grants", "b.x"]),
		},
		"a denial overrides": {
			"rules": object.union(_granting, {"b": {"x": {"deny": {_reason("b.x")}}}}),
			"decision": _hidden(["b.x"]),
		},
		"denied and never permitted": {
			"rules": {"b": {"x": {"deny": {_reason("b.x")}}}},
			"decision": _hidden(["b.x", "main.no_permit"]),
		},
		"a denial of the call": {
			"rules": object.union(_granting, {"b": {"x": {"deny_call": {_reason("b.x")}}}}),
			"decision": _refused(["b.x"], []),
		},
		"a denial of the call tells nothing of what is hidden": {
			"rules": {"b": {"x": {"deny_call": {_reason("b.x")}}}},
			"decision": _hidden(["main.no_permit"]),
		},
		"a scope that is there": {
			"rules": object.union(_granting, {"b": {"x": {"scope": {"mcp:read"}}}}),
			"decision": _permit(["a.grants"]),
		},
		"a scope that is missing": {
			"rules": object.union(_granting, {"b": {"x": {"scope": {"mcp:read", "extra"}}}}),
			"decision": _refused(["main.scope_missing"], ["extra", "mcp:read"]),
		},
		"a scope that is missing is not the sole reason": {
			"rules": object.union(_granting, {"b": {"x": {"scope": {"extra"}, "deny_call": {_reason("b.x")}}}}),
			"decision": _refused(["b.x", "main.scope_missing"], []),
		},
		"a scope that is missing tells nothing of what is hidden": {
			"rules": {"b": {"x": {"scope": {"extra"}}}},
			"decision": _hidden(["main.no_permit"]),
		},
	}

	decision := main.decision with input as fixtures.ask({})
		with data.mcp.rules as tc.rules
		with data.mcp.tools as {}
	decision == tc.decision
}

test_limits_and_obligations_come_with_permits_alone[note] if {
	some note, tc in {
		"permit": {"deny": set(), "limits": ["first", "second"], "obligations": [{"type": "confine"}]},
		"deny": {"deny": {_reason("b.x")}, "limits": [], "obligations": []},
	}

	says := {"deny": tc.deny, "limit": {"second", "first"}, "oblige": {{"type": "confine"}}}
	decision := main.decision with input as fixtures.ask({})
		with data.mcp.rules as object.union(_granting, {"b": {"x": says}})
		with data.mcp.tools as {}
	decision.limits == tc.limits
	decision.obligations == tc.obligations
}

test_arguments_of_any_type_make_it_a_call[note] if {
	some note, tc in {
		"arguments": {"question": fixtures.ask({}), "effect": "deny"},
		"no arguments": {"question": fixtures.ask_without("/resource/properties/arguments"), "effect": "permit"},
		"false": {"question": fixtures.ask({"resource": {"properties": {"arguments": false}}}), "effect": "deny"},
		"null": {"question": fixtures.ask({"resource": {"properties": {"arguments": null}}}), "effect": "deny"},
	}

	every where in [
		{"rules": object.union(_granting, {"b": {"x": {"deny_call": {_reason("b.x")}}}}), "tools": {}},
		{"rules": _granting, "tools": {"readFile": {"deny_call": {_reason("b.x")}}}},
	] {
		decision := main.decision with input as tc.question
			with data.mcp.rules as where.rules
			with data.mcp.tools as where.tools
		decision.effect == tc.effect
		decision.visible == true
	}
}

test_rules_of_one_tool[kind] if {
	some kind, tc in {
		"permit": {"said": _reason("t"), "decision": _permit(["a.grants", "t"])},
		"deny": {"said": _reason("t"), "decision": _hidden(["t"])},
		"deny_call": {"said": _reason("t"), "decision": _refused(["t"], [])},
		"scope": {"said": "extra", "decision": _refused(["main.scope_missing"], ["extra"])},
		"limit": {"said": {"name": "t"}, "decision": object.union(_permit(["a.grants"]), {"limits": [{"name": "t"}]})},
		"oblige": {"said": {"type": "t"}, "decision": object.union(_permit(["a.grants"]), {"obligations": [{"type": "t"}]})},
	}

	own := main.decision with input as fixtures.ask({})
		with data.mcp.rules as _granting
		with data.mcp.tools as {"readFile": {kind: {tc.said}}}
	own == tc.decision

	of_another := main.decision with input as fixtures.ask({})
		with data.mcp.rules as _granting
		with data.mcp.tools as {"writeFile": {kind: {tc.said}}}
	of_another == _permit(["a.grants"])

	of_a_prompt := main.decision with input as fixtures.ask({"resource": {"type": "prompt"}})
		with data.mcp.rules as _granting
		with data.mcp.tools as {"readFile": {kind: {tc.said}}}
	of_a_prompt == _permit(["a.grants"])
}

test_a_question_without[part] if {
	some part in ["/subject", "/action", "/resource", "/resource/type", "/resource/id", "/resource/properties"]

	decision := main.decision with input as fixtures.ask_without(part)
	decision.effect == "deny"
	decision.visible == false
}

test_no_question_at_all[note] if {
	some note, question in {"empty": {}, "null": null, "list": [], "string": "tools/call"}

	decision := main.decision with input as question
	decision.effect == "deny"
	decision.visible == false
}

test_report[kind] if {
	some kind in ["permit", "deny", "deny_call", "scope", "limit", "oblige"]

	report := main.report with input as fixtures.ask({})
		with data.mcp.rules as {"a": {"fires": {kind: {"y", "x"}}, "is_silent": {kind: set()}}}
		with data.mcp.tools as {"readFile": {kind: {"z"}}, "writeFile": {kind: {"z"}}}
	report == {
		{"kind": kind, "rule": "rules.a.fires", "said": ["x", "y"]},
		{"kind": kind, "rule": "rules.a.is_silent", "said": []},
		{"kind": kind, "rule": "tools.readFile", "said": ["z"]},
	}
}

test_report_without_arguments_asks_nothing_of_the_call if {
	report := main.report with input as fixtures.ask_without("/resource/properties/arguments")
		with data.mcp.rules as {"a": {"fires": {"deny_call": {"x"}}}}
		with data.mcp.tools as {"readFile": {"deny_call": {"x"}}}
	report == set()
}

_permit(codes) := {
	"effect": "permit",
	"visible": true,
	"reasons": [_reason(code) | some code in codes],
	"scopes": [],
	"limits": [],
	"obligations": [],
}

_refused(codes, scopes) := {
	"effect": "deny",
	"visible": true,
	"reasons": [_reason(code) | some code in codes],
	"scopes": scopes,
	"limits": [],
	"obligations": [],
}

_hidden(codes) := {
	"effect": "deny",
	"visible": false,
	"reasons": [_reason(code) | some code in codes],
	"scopes": [],
	"limits": [],
	"obligations": [],
}

_messages := {
	"main.no_permit": "No rule permits this",
	"main.scope_missing": "The access token lacks a scope",
}

_reason(code) := {"code": code, "message": object.get(_messages, code, "…")}
