package pawl.risk_test

import data.pawl.risk
import rego.v1

factors := [{"name": "fan-in", "points": 3}, {"name": "body edited", "points": 20}, {"name": "docs", "points": 0}]

document(level, trust, people) := {
	"change": {"head": "b1"},
	"actor": {"name": "ann"},
	"authors": [],
	"config": {"trust": trust},
	"risk": {"level": level, "factors": factors},
	"approvals": [{"by": by, "role": role, "state": "approved", "head": "b1", "bot": false} | some by, roles in people; some role in roles],
}

test_safe_and_low_need_nobody if {
	every level in ["SAFE", "LOW"] {
		risk.require == set() with input as document(level, 0, {})
		risk.deny == set() with input as document(level, 0, {})
		risk.warn == set() with input as document(level, 0, {})
	}
}

test_medium_needs_one_below_full_trust if {
	risk.require == {"one approval by a maintainer (risk MEDIUM: body edited, fan-in)"} with input as document("MEDIUM", 3, {})
	risk.require == set() with input as document("MEDIUM", 4, {})
	risk.require == set() with input as document("MEDIUM", 0, {"bob": ["maintainer"]})
}

test_high_always_needs_one if {
	count(risk.require) == 1 with input as document("HIGH", 4, {})
	risk.require == set() with input as document("HIGH", 4, {"bob": ["maintainer"]})
}

test_critical_needs_two_and_security if {
	count(risk.require) == 2 with input as document("CRITICAL", 4, {})
	risk.require == {"one approval for security (risk CRITICAL: body edited, fan-in)"} with input as document("CRITICAL", 4, {"bob": ["maintainer"], "eve": ["maintainer"]})
	risk.require == set() with input as document("CRITICAL", 4, {"bob": ["maintainer"], "eve": ["maintainer", "security"]})
}

test_only_maintainers_count_as_maintainers if {
	count(risk.require) == 1 with input as document("HIGH", 4, {"eve": ["security"]})
	risk.require == {"two approvals by maintainers (risk CRITICAL: body edited, fan-in)"} with input as document("CRITICAL", 4, {"bob": ["maintainer"], "eve": ["security"]})
}

test_an_unknown_level_denies if {
	count(risk.deny) == 1 with input as document("FINE", 4, {})
}
