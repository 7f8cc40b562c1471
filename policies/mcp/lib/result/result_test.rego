package mcp.lib.result_test

import data.mcp.lib.result

test_reason[note] if {
	some note, tc in {
		"of the package": {
			"chain": [{"path": ["p", "deny"]}, _labelled("package", "p.a", "A")],
			"reason": {"code": "p.a", "message": "A"},
		},
		"of the rule before that of the package": {
			"chain": [_labelled("rule", "p.b", "B"), _labelled("package", "p.a", "A")],
			"reason": {"code": "p.b", "message": "B"},
		},
		"code without title": {
			"chain": [{"annotations": {"scope": "package", "custom": {"code": "p.a"}}, "path": ["p"]}],
			"reason": _unlabelled,
		},
		"title without code": {
			"chain": [{"annotations": {"scope": "package", "title": "A"}, "path": ["p"]}],
			"reason": _unlabelled,
		},
		"no metadata": {"chain": [{"path": ["p", "deny"]}], "reason": _unlabelled},
		"no chain": {"chain": [], "reason": _unlabelled},
	}

	result.reason(tc.chain) == tc.reason
}

_labelled(scope, code, title) := {
	"annotations": {"scope": scope, "title": title, "custom": {"code": code}},
	"path": ["p"],
}

_unlabelled := {"code": "policy.unlabelled", "message": "A rule without title and code"}
