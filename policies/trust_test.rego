package pawl.trust_test

import data.pawl.trust
import rego.v1

document(level, risk, area) := {
	"change": {"head": "b1", "files": [{"area": area}]},
	"actor": {"name": "ann"},
	"authors": [],
	"config": {"trust": level},
	"risk": {"level": risk},
	"approvals": [],
}

approved := {"approvals": [{"by": "bob", "role": "maintainer", "state": "approved", "head": "b1", "bot": false}]}

test_nothing_is_free_at_the_start if {
	trust.require == {"one approval by a maintainer (trust level 0: everything needs approval)"} with input as document(0, "SAFE", "docs")
	trust.require == set() with input as object.union(document(0, "SAFE", "docs"), approved)
}

test_a_change_is_not_free_when_only_reading_is if {
	count(trust.require) == 1 with input as document(1, "SAFE", "docs")
}

test_documentation_is_free_at_two if {
	trust.require == set() with input as document(2, "SAFE", "docs")
	count(trust.require) == 1 with input as document(2, "LOW", "tests")
}

test_low_risk_is_free_at_three if {
	trust.require == set() with input as document(3, "LOW", "tests")
	count(trust.require) == 1 with input as document(3, "MEDIUM", "body edited")
}

test_all_is_free_at_four if {
	trust.require == set() with input as document(4, "MEDIUM", "body edited")
	trust.deny == set() with input as document(4, "MEDIUM", "body edited")
	trust.warn == set() with input as document(4, "MEDIUM", "body edited")
}

test_another_level_denies if {
	every level in [5, -1, "4", 2.5, null] {
		count(trust.deny) == 1 with input as document(level, "SAFE", "docs")
	}
}
