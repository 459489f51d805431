# METADATA
# title: Protected paths
# description: >
#   Files that steer Pawl, the forge or agents are never changed by a change that Pawl lets through; lock files and manifests
#   only by an upgrade.
package pawl.protected

import rego.v1

deny contains sprintf("%s is protected; a person has to change it without Pawl", [file.path]) if {
	some file in input.change.files
	file.protected
}

require := set()

warn := set()
