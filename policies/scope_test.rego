package pawl.scope_test

import data.pawl.scope
import rego.v1

document(files, lines) := {
	"spec": {},
	"actor": {"name": "ann"},
	"authors": [],
	"approvals": [],
	"change": {"base": "a0", "head": "b1", "files": files, "lines": lines},
	"config": {"scope": {"files": 2, "lines": 10}},
}

file := {"path": "a.py", "allowed": true, "spec": false}

test_small_and_allowed_is_fine if {
	scope.deny == set() with input as document([file, file], 10)
	scope.require == set() with input as document([file], 1)
	scope.warn == set() with input as document([file], 1)
}

test_too_many_files if {
	scope.deny == {"3 files changed, at most 2 are allowed in one change; split it"} with input as document([file, file, file], 1)
}

test_the_specs_own_files_do_not_count if {
	scope.deny == set() with input as document([file, file, object.union(file, {"spec": true})], 1)
}

test_too_many_lines if {
	scope.deny == {"11 lines changed, at most 10 are allowed in one change; split it"} with input as document([file], 11)
}

test_outside_the_allowed_paths if {
	scope.deny == {"b.py lies outside the paths that may be touched"} with input as document([{"path": "b.py", "allowed": false, "spec": false}], 1)
}

test_others_may_go_there_where_a_maintainer_agrees if {
	outside := object.union(document([{"path": "b.py", "allowed": false, "spec": false}], 1), {"spec": null})
	scope.deny == set() with input as outside
	count(scope.require) == 1 with input as outside
	agreed := [{"by": "bob", "role": "maintainer", "head": "b1", "state": "approved", "bot": false}]
	scope.require == set() with input as object.union(outside, {"approvals": agreed})
}

test_an_empty_change_is_nothing_to_merge if {
	count(scope.deny) == 1 with input as document([], 0)
}
