package pawl.approvals_test

import data.pawl.approvals
import rego.v1

settings := {"approvals": {
	"need": {"HIGH": {"legal": 2, "owner": 1}},
	"roles": {"legal": {"codeowners": false}, "owner": {"codeowners": true}},
}}

document(approval) := {
	"change": {"head": "b1"},
	"risk": {"level": "LOW"},
	"config": settings,
	"actor": {"name": "ann"},
	"authors": ["cleo"],
	"owned": [],
	"approvals": [object.union({"by": "bob", "role": "maintainer", "state": "approved", "head": "b1", "bot": false}, approval)],
}

risky(approval, owned) := object.union(document(approval), {"risk": {"level": "HIGH"}, "owned": owned})

test_a_persons_approval_of_this_head_counts if {
	approvals.given == {["bob", "maintainer"]} with input as document({})
	approvals.people("maintainer") == {"bob"} with input as document({})
	approvals.people("legal") == set() with input as document({})
}

test_another_heads_approval_does_not_count if {
	approvals.given == set() with input as document({"head": "a0"})
	count(approvals.warn) == 1 with input as document({"head": "a0"})
}

test_own_approvals_do_not_count if {
	approvals.given == set() with input as document({"by": "Ann"})
	approvals.given == set() with input as document({"by": "cLeo"})
	approvals.given == set() with input as document({"bot": true})
}

test_a_veto_denies_whatever_commit_it_was_for if {
	every head in ["a0", "b1"] {
		approvals.deny == {"bob vetoed this change; it stays closed until the veto is withdrawn"} with input as document({"state": "vetoed", "head": head})
	}
}

test_nobody_is_no_veto if {
	approvals.deny == set() with input as document({})
	approvals.warn == set() with input as document({})
	approvals.require == set() with input as document({})
}

test_the_configuration_may_ask_for_more if {
	approvals.require == {
		"2 approvals by the role legal, it has 1 (approvals.need.HIGH in the configuration)",
		"1 approvals by the role owner, it has 0 (approvals.need.HIGH in the configuration)",
	} with input as risky({"role": "legal"}, [])
}

test_every_owned_path_needs_one_of_its_owners if {
	owned := [{"path": "a.py", "owners": ["@bob", "@acme/core"], "by": ["bob"]}, {"path": "b.py", "owners": ["@eve"], "by": []}, {"path": "c.py", "owners": [], "by": []}]
	"one approval by an owner of b.py (CODEOWNERS names @eve)" in approvals.require with input as risky({"role": "owner"}, owned)
	count(approvals.require) == 2 with input as risky({"role": "owner"}, owned)
	count(approvals.require) == 4 with input as risky({"role": "owner", "head": "a0"}, owned)
}
