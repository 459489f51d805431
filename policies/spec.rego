# METADATA
# title: Spec
# description: >
#   Pawl's own changes need a spec locked before them, with a test that fails without the change where something is fixed or added.
#   A change that came without a spec is judged by the gates alone, so a person has to say that it does what was wanted.
package pawl.spec

import rego.v1

deny contains "the spec was not committed before the change" if {
	input.spec != null
	input.spec.commit == null
}

deny contains "the spec has no test left; say by an example what the change should do" if {
	input.spec != null
	input.instruction.verb != "docs"
	input.spec.witnesses + input.spec.guards == 0
}

deny contains sprintf("no test fails without the change, so nothing shows that it does what '%s' asks", [input.instruction.verb]) if {
	input.spec != null
	input.instruction.verb in {"fix", "add"}
	input.spec.witnesses == 0
}

require contains "one approval by a maintainer (no locked spec says what this change should do)" if {
	input.spec == null
	count(data.pawl.approvals.people("maintainer")) < 1
}

warn := set()
