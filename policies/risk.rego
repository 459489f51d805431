# METADATA
# title: Risk
# description: >
#   The riskier, the more people must look: MEDIUM one below trust level 4, HIGH one always, CRITICAL two always, one of them for security.
package pawl.risk

import rego.v1

levels := {"SAFE", "LOW", "MEDIUM", "HIGH", "CRITICAL"}

deny contains sprintf("the risk level %v is not one of SAFE, LOW, MEDIUM, HIGH, CRITICAL", [level]) if {
	level := object.get(input, ["risk", "level"], null)
	not level in levels
}

require contains sprintf("one approval by a maintainer (risk MEDIUM: %s)", [reasons]) if {
	input.risk.level == "MEDIUM"
	input.config.trust < 4
	count(data.pawl.approvals.people("maintainer")) < 1
}

require contains sprintf("one approval by a maintainer (risk HIGH: %s)", [reasons]) if {
	input.risk.level == "HIGH"
	count(data.pawl.approvals.people("maintainer")) < 1
}

require contains sprintf("two approvals by maintainers (risk CRITICAL: %s)", [reasons]) if {
	input.risk.level == "CRITICAL"
	count(data.pawl.approvals.people("maintainer")) < 2
}

require contains sprintf("one approval for security (risk CRITICAL: %s)", [reasons]) if {
	input.risk.level == "CRITICAL"
	count(data.pawl.approvals.people("security")) < 1
}

warn := set()

# The names of the factors that count, worst first.
reasons := concat(", ", [name | some pair in sort([[0 - factor.points, factor.name] | some factor in input.risk.factors; factor.points > 0]); name := pair[1]])
