package pawl.harness_test

import data.pawl.harness
import rego.v1

document(rules) := {
	"change": {"head": "b1"},
	"actor": {"name": "ann"},
	"authors": [],
	"approvals": [],
	"gates": [{"name": "security", "rules": rules}],
}

test_reaching_for_the_judge_needs_a_person if {
	harness.require == {"one approval by a maintainer (the change reaches for what judges it: exit, frames)"} with input as document(["reach-frames", "B101", "reach-exit"])
	harness.deny == set() with input as document(["reach-frames"])
}

test_others_do_not if {
	harness.require == set() with input as document(["B101"])
	harness.warn == set() with input as document([])
}
