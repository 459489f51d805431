# METADATA
# title: Trust
# description: >
#   How much goes without a person: 0 nothing · 1 reading only · 2 documentation and data too · 3 what can be rolled back too · 4 all that is green.
package pawl.trust

import rego.v1

deny contains sprintf("the trust level %v is not one of 0, 1, 2, 3, 4", [level]) if {
	level := object.get(input, ["config", "trust"], null)
	not level in {0, 1, 2, 3, 4}
}

require contains sprintf("one approval by a maintainer (trust level %d: %s)", [input.config.trust, meaning[input.config.trust]]) if {
	not free
	count(data.pawl.approvals.people("maintainer")) < 1
}

warn := set()

default free := false

free if input.config.trust == 4

free if {
	input.config.trust == 3
	input.risk.level in {"SAFE", "LOW"}
}

free if {
	input.config.trust == 2
	every file in input.change.files {
		file.area == "docs"
	}
}

meaning := {
	0: "everything needs approval",
	1: "every change needs approval",
	2: "every change but documentation needs approval",
	3: "every change above LOW risk needs approval",
}
