# METADATA
# title: Harness
# description: >
#   Code that reaches for the machinery that judges it (test runner, frames, tracing, process exit) may be honest, but a machine
#   cannot tell: a person has to look.
package pawl.harness

import rego.v1

deny := set()

require contains sprintf("one approval by a maintainer (the change reaches for what judges it: %s)", [concat(", ", sort(reached))]) if {
	count(reached) > 0
	count(data.pawl.approvals.people("maintainer")) < 1
}

warn := set()

reached contains substring(rule, count("reach-"), -1) if {
	some gate in input.gates
	some rule in gate.rules
	startswith(rule, "reach-")
}
