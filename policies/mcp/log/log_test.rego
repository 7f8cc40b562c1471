package mcp.log_test

import data.mcp.log

test_mask[note] if {
	some note, tc in {
		"arguments and claims": {
			"input": {"resource": {"properties": {"arguments": {"a": 1}}}, "subject": {"properties": {"claims": {}}}},
			"erased": {_arguments, _claims},
		},
		"arguments alone": {"input": {"resource": {"properties": {"arguments": {}}}}, "erased": {_arguments}},
		"of whatever type": {
			"input": {"resource": {"properties": {"arguments": false}}, "subject": {"properties": {"claims": null}}},
			"erased": {_arguments, _claims},
		},
		"arguments of a tool": {
			"input": {"resource": {"type": "tool", "properties": {"arguments": {}}}},
			"erased": {_arguments},
		},
		"digests of bundles stay": {
			"input": {
				"resource": {"type": "policy", "properties": {"arguments": {"sha256": "e3b0"}}},
				"subject": {"properties": {"claims": {}}},
			},
			"erased": {_claims},
		},
		"neither": {"input": {"resource": {"properties": {"paths": []}}}, "erased": set()},
	}

	log.mask == tc.erased with input as {"kind": "decision", "input": tc.input}
}

test_a_record_without_input if {
	log.mask == set() with input as {"kind": "decision", "stage": "authenticate", "refusal": "token_invalid"}
}

_arguments := "/input/resource/properties/arguments"

_claims := "/input/subject/properties/claims"
