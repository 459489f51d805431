# METADATA
# title: Protected paths
# description: >
#   Files that steer Pawl, the forge or agents are never changed by a change that Pawl makes; lock files and manifests only by an
#   upgrade. What others change there needs a maintainer and somebody for security.
package pawl.protected

import rego.v1

# Pawl makes no change without a locked spec.
made if input.spec != null

deny contains sprintf("%s is protected; a person has to change it without Pawl", [file.path]) if {
	made
	some file in input.change.files
	file.protected
}

require contains sprintf("one approval by a maintainer (protected: %s)", [touched]) if {
	not made
	touched != ""
	count(data.pawl.approvals.people("maintainer")) < 1
}

require contains sprintf("one approval for security (protected: %s)", [touched]) if {
	not made
	touched != ""
	count(data.pawl.approvals.people("security")) < 1
}

warn := set()

# The protected files that are touched.
touched := concat(", ", [file.path | some file in input.change.files; file.protected])
