package pawl.gates_test

import data.pawl.gates
import rego.v1

gate(name, verdict, required) := {"name": name, "verdict": verdict, "required": required, "summary": "because"}

document(judged) := {"gates": judged, "expected": [], "config": {"gates": {}}}

test_green_gates_agree if {
	judged := [gate("tests", "pass", true), gate("dependencies", "not_applicable", true)]
	gates.deny == set() with input as document(judged)
	gates.warn == set() with input as document(judged)
	gates.require == set() with input as document(judged)
}

test_a_red_gate_denies if {
	every verdict in ["fail", "error", "unheard of"] {
		gates.deny == {sprintf("tests said %s: because", [verdict])} with input as document([gate("tests", verdict, true)])
	}
}

test_what_several_gates_say_in_the_same_words_is_said_once if {
	judged := [gate("tests", "error", true), gate("lint", "fail", true), gate("coverage", "error", true)]
	gates.deny == {"coverage, tests said error: because", "lint said fail: because"} with input as document(judged)
}

test_a_red_gate_that_is_not_required_warns if {
	judged := [gate("lint", "fail", false)]
	gates.deny == set() with input as document(judged)
	gates.warn == {"gate lint is not required here and said fail: because"} with input as document(judged)
}

test_a_missing_gate_denies if {
	judged := object.union(document([gate("tests", "pass", true)]), {"expected": ["tests", "mutation", "policy"]})
	gates.deny == {"gate mutation gave no answer, and no answer is a no"} with input as judged
}

test_missing_gates_are_named_together if {
	judged := object.union(document([gate("tests", "pass", true)]), {"expected": ["spec", "tests", "mutation"]})
	gates.deny == {"gate mutation, spec gave no answer, and no answer is a no"} with input as judged
}

test_no_gate_at_all_denies if {
	count(gates.deny) == 1 with input as document([])
	count(gates.deny) == 1 with input as document([gate("policy", "pass", true)])
}

test_a_gate_that_is_off_is_said if {
	judged := {"gates": [gate("tests", "pass", true)], "expected": [], "config": {"gates": {"lint": {"run": false, "required": true}}}}
	gates.warn == {"gate lint is switched off in this repository's configuration"} with input as judged
}

test_a_critic_without_an_answer_is_said_and_a_maintainer_looks_instead if {
	silent := object.union(gate("critic", "not_applicable", true), {"rules": ["critic-unanswered"]})
	gates.warn == {"a critic is configured and gave no answer, so nobody tried to refute this change"} with input as document([silent])
	gates.deny == set() with input as document([silent])
	count(gates.require) == 1 with input as document([silent])
	gates.require == set() with input as document([silent]) with data.pawl.approvals.people as maintained
	gates.require == set() with input as document([object.union(silent, {"required": false})])
	answered := object.union(gate("critic", "pass", true), {"rules": ["critic-doubtful"]})
	gates.warn == set() with input as document([answered])
	gates.require == set() with input as document([answered])
}

test_a_disputed_counter_example_is_for_a_maintainer if {
	disputed := object.union(gate("critic", "pass", true), {"rules": ["critic-disputed"]})
	count(gates.require) == 1 with input as document([disputed])
	gates.deny == set() with input as document([disputed])
	gates.require == set() with input as document([disputed]) with data.pawl.approvals.people as maintained
	gates.require == set() with input as document([object.union(disputed, {"required": false})])
	gates.require == set() with input as document([object.union(gate("critic", "pass", true), {"rules": ["critic-doubtful"]})])
}

test_which_of_two_changes_is_right_is_for_a_maintainer if {
	rival := object.union(gate("critic", "pass", true), {"rules": ["critic-rival"]})
	gates.require == {"one approval by a maintainer (another change passes the same tests: because)"} with input as document([rival])
	gates.deny == set() with input as document([rival])
	gates.require == set() with input as document([rival]) with data.pawl.approvals.people as maintained
	gates.require == set() with input as document([object.union(rival, {"required": false})])
}

maintained(_) := {"ann"}
