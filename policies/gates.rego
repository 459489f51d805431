# METADATA
# title: Gates
# description: >
#   Every required gate must be green: pass, or not applicable with its reason. A gate that is missing or could not run is red.
#   A counter-example that only a reader of the instruction can judge is judged by a maintainer, and so is a change that a
#   configured critic gave no answer on: what it was shown may have silenced it. A maintainer also says which is right where
#   another change passes the same tests and does something else.
package pawl.gates

import rego.v1

green := {"pass", "not_applicable"}

# The policy gate asks these very policies, so its answer cannot be one of their reasons.
judges contains gate if {
	some gate in input.gates
	gate.name != "policy"
}

red contains gate if {
	some gate in judges
	gate.required
	not gate.verdict in green
}

# What several gates say in the same words is said once: one broken runner makes all of them red.
deny contains sprintf("%s said %s: %s", [concat(", ", alike), one.verdict, one.summary]) if {
	some one in red
	alike := sort([gate.name | some gate in red; gate.verdict == one.verdict; gate.summary == one.summary])
}

silent contains name if {
	some name in input.expected
	name != "policy"
	not name in {gate.name | some gate in judges}
}

deny contains sprintf("gate %s gave no answer, and no answer is a no", [concat(", ", sort(silent))]) if count(silent) > 0

deny contains "no gate has judged this change; run the gates first" if count(judges) == 0

require contains sprintf("one approval by a maintainer (what the critic's counter-examples show is a reader's to judge: %s)", [gate.summary]) if {
	some gate in input.gates
	gate.name == "critic"
	gate.required
	"critic-disputed" in gate.rules
	count(data.pawl.approvals.people("maintainer")) < 1
}

warn contains sprintf("gate %s is not required here and said %s: %s", [gate.name, gate.verdict, gate.summary]) if {
	some gate in judges
	not gate.required
	not gate.verdict in green
}

warn contains sprintf("gate %s is switched off in this repository's configuration", [name]) if {
	some name, setting in input.config.gates
	setting.run == false
}

require contains sprintf("one approval by a maintainer (another change passes the same tests: %s)", [gate.summary]) if {
	some gate in input.gates
	gate.name == "critic"
	gate.required
	"critic-rival" in gate.rules
	count(data.pawl.approvals.people("maintainer")) < 1
}

unrefuted := "a critic is configured and gave no answer, so nobody tried to refute this change"

require contains sprintf("one approval by a maintainer (%s)", [unrefuted]) if {
	some gate in input.gates
	gate.name == "critic"
	gate.required
	"critic-unanswered" in gate.rules
	count(data.pawl.approvals.people("maintainer")) < 1
}

warn contains unrefuted if {
	some gate in input.gates
	gate.name == "critic"
	"critic-unanswered" in gate.rules
}
