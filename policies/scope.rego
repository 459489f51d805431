# METADATA
# title: Scope
# description: >
#   A change stays within the size that the repository's configuration allows, and one of Pawl's own within the paths; what others
#   change elsewhere needs a maintainer.
package pawl.scope

import rego.v1

deny contains sprintf("%d files changed, at most %d are allowed in one change; split it", [files, most]) if {
	files := count([file | some file in input.change.files; not file.spec])
	most := input.config.scope.files
	files > most
}

deny contains sprintf("%d lines changed, at most %d are allowed in one change; split it", [input.change.lines, most]) if {
	most := input.config.scope.lines
	input.change.lines > most
}

deny contains sprintf("%s lies outside the paths that may be touched", [file.path]) if {
	data.pawl.protected.made
	some file in input.change.files
	not file.allowed
}

deny contains sprintf("the change from %s to %s touches no file", [input.change.base, input.change.head]) if {
	count(input.change.files) == 0
}

require contains sprintf("one approval by a maintainer (outside the paths that may be touched: %s)", [outside]) if {
	not data.pawl.protected.made
	outside != ""
	count(data.pawl.approvals.people("maintainer")) < 1
}

warn := set()

outside := concat(", ", [file.path | some file in input.change.files; not file.allowed])
