# METADATA
# title: Merge
# description: >
#   What is merged is exactly what was proven, into the branch it was proven for, while nobody holds it and the branch is guarded.
package pawl.merge

import rego.v1

deny contains "the pull request is closed; open it again, or ask anew" if input.merge.open == false

deny contains "the pull request is a draft; mark it as ready for review" if input.merge.draft == true

deny contains sprintf("the head is %s, but %s was proven; the new head has to be judged first", [input.change.head, input.merge.proven]) if {
	input.merge.proven != input.change.head
}

deny contains sprintf("it would be merged into %s, but it was proven for %s; set the base back", [input.merge.branch, input.merge.proven_branch]) if {
	input.merge.branch != input.merge.proven_branch
}

deny contains sprintf("what the gates said of this head amounts to '%s', not success; have it judged again by /pawl verify", [input.merge.check]) if {
	input.merge.check != "success"
}

deny contains sprintf("%s asked to wait%s; anybody with write access lifts that by /pawl unhold", [hold.by, because(hold.why)]) if {
	some hold in input.merge.holds
}

deny contains sprintf("everything is stopped here: %s", [input.merge.brake]) if input.merge.brake != ""

deny contains setting if some setting in input.merge.unsafe

require := set()

warn := set()

because(why) := "" if why == ""

because(why) := sprintf(" (%s)", [why]) if why != ""
