package pawl.spec_test

import data.pawl.spec
import rego.v1

locked := {"commit": "c0", "witnesses": 1, "guards": 2}

document(verb, locked_spec) := {
	"change": {"head": "b1"},
	"actor": {"name": "ann"},
	"authors": [],
	"approvals": [],
	"instruction": {"verb": verb},
	"spec": locked_spec,
}

test_a_locked_spec_with_a_witness if {
	spec.deny == set() with input as document("fix", locked)
	spec.require == set() with input as document("fix", locked)
	spec.warn == set() with input as document("fix", locked)
}

test_a_fix_without_a_witness if {
	every verb in ["fix", "add"] {
		count(spec.deny) == 1 with input as document(verb, object.union(locked, {"witnesses": 0}))
	}
	spec.deny == set() with input as document("refactor", object.union(locked, {"witnesses": 0}))
}

test_an_empty_spec if {
	"the spec has no test left; say by an example what the change should do" in spec.deny with input as document("test", object.union(locked, {"witnesses": 0, "guards": 0}))
}

test_a_spec_that_was_never_locked if {
	spec.deny == {"the spec was not committed before the change"} with input as document("fix", object.union(locked, {"commit": null}))
}

test_no_spec_needs_a_person if {
	spec.deny == set() with input as document(null, null)
	count(spec.require) == 1 with input as document(null, null)
}
