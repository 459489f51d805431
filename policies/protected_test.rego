package pawl.protected_test

import data.pawl.protected
import rego.v1

document(flag) := {
	"change": {"head": "b1", "files": [{"path": ".github/workflows/ci.yml", "protected": flag}]},
	"spec": {},
	"actor": {"name": "ann"},
	"authors": [],
	"approvals": [],
}

others(approvals) := object.union(document(true), {"spec": null, "approvals": approvals})

by(name, role) := {"by": name, "role": role, "head": "b1", "state": "approved", "bot": false}

test_pawl_never_touches_protected_files if {
	count(protected.deny) == 1 with input as document(true)
	protected.require == set() with input as document(true)
}

test_others_may_where_a_maintainer_and_security_agree if {
	protected.deny == set() with input as others([])
	count(protected.require) == 2 with input as others([])
	count(protected.require) == 1 with input as others([by("bob", "maintainer")])
	protected.require == set() with input as others([by("bob", "maintainer"), by("eve", "security")])
}

test_whoever_asks_for_it_does_not_count if {
	count(protected.require) == 2 with input as others([by("ann", "maintainer"), by("ann", "security")])
}

test_other_files_need_nobody if {
	every spec in [null, {}] {
		protected.deny == set() with input as object.union(document(false), {"spec": spec})
		protected.require == set() with input as object.union(document(false), {"spec": spec})
		protected.warn == set() with input as object.union(document(false), {"spec": spec})
	}
}
