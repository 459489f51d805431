package pawl.protected_test

import data.pawl.protected
import rego.v1

document(flag) := {"change": {"files": [{"path": ".github/workflows/ci.yml", "protected": flag}]}}

test_protected_files_stay if {
	count(protected.deny) == 1 with input as document(true)
}

test_others_may_change if {
	protected.deny == set() with input as document(false)
	protected.require == set() with input as document(false)
	protected.warn == set() with input as document(false)
}
