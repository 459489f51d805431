package pawl.merge_test

import data.pawl.merge
import rego.v1

ready := {
	"proven": "b1",
	"open": true,
	"draft": false,
	"branch": "main",
	"proven_branch": "main",
	"check": "success",
	"holds": [],
	"brake": "",
	"unsafe": [],
}

document(but) := {"change": {"head": "b1"}, "merge": object.union(ready, but)}

test_what_was_proven_may_be_merged if {
	merge.deny == set() with input as document({})
	merge.require == set() with input as document({})
	merge.warn == set() with input as document({})
}

test_nothing_is_said_where_nothing_is_to_be_merged if {
	merge.deny == set() with input as {"change": {"head": "b1"}, "merge": null}
}

test_each_obstacle_is_a_no if {
	every but in [
		{"open": false},
		{"draft": true},
		{"proven": "a0"},
		{"branch": "next"},
		{"check": "neutral"},
		{"check": ""},
		{"holds": [{"by": "ann", "why": ""}]},
		{"brake": "ann stopped it"},
		{"unsafe": ["force pushes are allowed; forbid them"]},
	] {
		count(merge.deny) == 1 with input as document(but)
	}
}

test_a_hold_says_who_and_why if {
	merge.deny == {
		"ann asked to wait; anybody with write access lifts that by /pawl unhold",
		"bob asked to wait (the release); anybody with write access lifts that by /pawl unhold",
	} with input as document({"holds": [{"by": "ann", "why": ""}, {"by": "bob", "why": "the release"}]})
}
