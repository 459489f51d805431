# METADATA
# title: Approvals
# description: >
#   Whose approval counts: only a person's, for exactly this head, and never the requester's own. A veto of this head is a no.
package pawl.approvals

import rego.v1

# People whose approval counts, as a set of [name, role].
given contains [approval.by, approval.role] if {
	some approval in input.approvals
	approval.state == "approved"
	approval.head == input.change.head
	approval.bot == false
	not approval.by in input.authors
	approval.by != input.actor.name
}

deny contains sprintf("%s vetoed this change; it stays closed until the veto is withdrawn", [veto.by]) if {
	some veto in input.approvals
	veto.state == "vetoed"
	veto.head == input.change.head
}

require := set()

warn contains sprintf("the approval by %s is for another commit and does not count", [approval.by]) if {
	some approval in input.approvals
	approval.state == "approved"
	approval.head != input.change.head
}
