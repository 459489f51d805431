# METADATA
# title: Budget
# description: >
#   A run that has used up its rounds or its time ends; what it made so far is kept as evidence and goes no further.
package pawl.budget

import rego.v1

deny contains sprintf("the run took %v s, its budget is %v s", [input.spent.seconds, input.config.budget.seconds]) if {
	input.spent.seconds > input.config.budget.seconds
}

deny contains sprintf("the run is in round %d, its budget is %d", [input.spent.rounds, input.config.budget.rounds]) if {
	input.spent.rounds > input.config.budget.rounds
}

require := set()

warn contains sprintf("the run has used %v s of its %v s", [input.spent.seconds, input.config.budget.seconds]) if {
	input.spent.seconds > 0.8 * input.config.budget.seconds
	input.spent.seconds <= input.config.budget.seconds
}
