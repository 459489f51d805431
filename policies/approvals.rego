# METADATA
# title: Approvals
# description: >
#   Whose approval counts: only a person's, for exactly this head, and never the requester's own or an author's. A veto is a no
#   until it is withdrawn. A repository may ask for more roles by risk level than Pawl does, never for fewer.
package pawl.approvals

import rego.v1

# People whose approval counts, as a set of [name, role].
given contains [approval.by, approval.role] if {
	some approval in input.approvals
	approval.state == "approved"
	approval.head == input.change.head
	approval.bot == false
	not lower(approval.by) in {lower(author) | some author in input.authors}
	lower(approval.by) != lower(input.actor.name)
}

# The people who approved in one role.
people(role) := {pair[0] | some pair in given; pair[1] == role}

deny contains sprintf("%s vetoed this change; it stays closed until the veto is withdrawn", [veto.by]) if {
	some veto in input.approvals
	veto.state == "vetoed"
}

require contains sprintf("%d approvals by the role %s, it has %d (approvals.need.%s in the configuration)", [needed, role, have, level]) if {
	level := input.risk.level
	some role, needed in input.config.approvals.need[level]
	have := count(people(role))
	have < needed
}

require contains sprintf("one approval by an owner of %s (CODEOWNERS names %s)", [owned.path, concat(" ", owned.owners)]) if {
	some role, _ in input.config.approvals.need[input.risk.level]
	input.config.approvals.roles[role].codeowners
	some owned in input.owned
	count(owned.owners) > 0
	count({by | some by in owned.by} & {pair[0] | some pair in given}) == 0
}

warn contains sprintf("the approval by %s is for another commit and does not count", [approval.by]) if {
	some approval in input.approvals
	approval.state == "approved"
	approval.head != input.change.head
}
