package pawl.approvals_test

import data.pawl.approvals
import rego.v1

document(approval) := {
	"change": {"head": "b1"},
	"actor": {"name": "ann"},
	"authors": ["cleo"],
	"approvals": [object.union({"by": "bob", "role": "maintainer", "state": "approved", "head": "b1", "bot": false}, approval)],
}

test_a_persons_approval_of_this_head_counts if {
	approvals.given == {["bob", "maintainer"]} with input as document({})
}

test_another_heads_approval_does_not_count if {
	approvals.given == set() with input as document({"head": "a0"})
	count(approvals.warn) == 1 with input as document({"head": "a0"})
}

test_own_approvals_do_not_count if {
	approvals.given == set() with input as document({"by": "ann"})
	approvals.given == set() with input as document({"by": "cleo"})
	approvals.given == set() with input as document({"bot": true})
}

test_a_veto_denies if {
	approvals.deny == {"bob vetoed this change; it stays closed until the veto is withdrawn"} with input as document({"state": "vetoed"})
	approvals.deny == set() with input as document({"state": "vetoed", "head": "a0"})
}

test_nobody_is_no_veto if {
	approvals.deny == set() with input as document({})
	approvals.warn == set() with input as document({})
	approvals.require == set() with input as document({})
}
