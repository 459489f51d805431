package pawl.budget_test

import data.pawl.budget
import rego.v1

document(seconds, rounds) := {
	"spent": {"seconds": seconds, "rounds": rounds},
	"config": {"budget": {"seconds": 100, "rounds": 3}},
}

test_within_budget if {
	budget.deny == set() with input as document(80, 3)
	budget.warn == set() with input as document(80, 3)
	budget.require == set() with input as document(80, 3)
}

test_nearly_spent_is_said if {
	count(budget.warn) == 1 with input as document(81, 1)
}

test_over_budget if {
	count(budget.deny) == 1 with input as document(101, 1)
	count(budget.deny) == 1 with input as document(1, 4)
}
