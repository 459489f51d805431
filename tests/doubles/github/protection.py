"""Branch protection and rulesets over REST; changing them may let waiting pull requests merge."""

from __future__ import annotations

from typing import Any

from tests.doubles.github.accounts import at_least
from tests.doubles.github.events import emit
from tests.doubles.github.pull import Pulls, changed
from tests.doubles.github.routing import NO_CONTENT, Answer, Call, granted, route
from tests.doubles.github.rules import KNOWN_RULES, Protections, Ruleset
from tests.doubles.github.shapes import Json, stamp
from tests.doubles.github.wrong import NotFound, Unprocessable

READ, WRITE = {"administration": "read"}, {"administration": "write"}
METADATA = {"metadata": "read"}
AT = "/repos/{owner}/{repo}/branches/{branch*}/protection"
FLAGS = (
    "required_linear_history",
    "allow_force_pushes",
    "allow_deletions",
    "block_creations",
    "required_conversation_resolution",
)
LATER_FLAGS = ("lock_branch", "allow_fork_syncing")
NEEDED = ("required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions")


@route("GET", AT, needs=READ, person="admin", public=False)
async def get(call: Call) -> Json:
    return _shape(call, _found(call))


@route("PUT", AT, needs=WRITE, person="admin")
async def put(call: Call) -> Json:
    if _branch(call) not in call.repo.clone.branches():
        raise NotFound("Branch not found")
    missing = [name for name in NEEDED if name not in call.data]
    if missing:
        raise Unprocessable(f'Invalid request.\n\n"{missing[0]}" wasn\'t supplied.')
    data: Json = {name: bool(call.data.get(name)) for name in (*FLAGS, *LATER_FLAGS, "enforce_admins")}
    data["required_status_checks"] = _checks(call.data["required_status_checks"])
    data["required_pull_request_reviews"] = _reviews(call.data["required_pull_request_reviews"], {})
    _protections(call).classic[call.repo.id, _branch(call)] = data
    await _wake(call)
    return _shape(call, data)


@route("DELETE", AT, needs=WRITE, person="admin")
async def delete(call: Call) -> Answer:
    _found(call)
    del _protections(call).classic[call.repo.id, _branch(call)]
    await _wake(call)
    return NO_CONTENT


@route("GET", f"{AT}/enforce_admins", needs=READ, person="admin", public=False)
async def get_enforced(call: Call) -> Json:
    return _enforced(call, _found(call))


@route("POST", f"{AT}/enforce_admins", needs=WRITE, person="admin")
async def enforce(call: Call) -> Json:
    _found(call)["enforce_admins"] = True
    return _enforced(call, _found(call))


@route("DELETE", f"{AT}/enforce_admins", needs=WRITE, person="admin")
async def exempt(call: Call) -> Answer:
    _found(call)["enforce_admins"] = False
    await _wake(call)
    return NO_CONTENT


@route("GET", f"{AT}/required_status_checks", needs=READ, person="admin", public=False)
async def get_checks(call: Call) -> Json:
    return _checks_shape(call, _part(call, "required_status_checks"))


@route("PATCH", f"{AT}/required_status_checks", needs=WRITE, person="admin")
async def change_checks(call: Call) -> Json:
    data = _found(call)
    known = data["required_status_checks"] or {"strict": False, "checks": []}
    named = {"checks", "contexts"} & call.data.keys()
    data["required_status_checks"] = _checks(
        {**({} if named else {"checks": known["checks"]}), "strict": known["strict"], **call.data}
    )
    await _wake(call)
    return _checks_shape(call, data["required_status_checks"])


@route("GET", f"{AT}/required_pull_request_reviews", needs=READ, person="admin", public=False)
async def get_reviews(call: Call) -> Json:
    return _reviews_shape(call, _part(call, "required_pull_request_reviews"))


@route("PATCH", f"{AT}/required_pull_request_reviews", needs=WRITE, person="admin")
async def change_reviews(call: Call) -> Json:
    data = _found(call)
    data["required_pull_request_reviews"] = _reviews(call.data, data["required_pull_request_reviews"] or {})
    await _wake(call)
    return _reviews_shape(call, data["required_pull_request_reviews"])


@route("GET", "/repos/{owner}/{repo}/rulesets", needs=METADATA)
async def rulesets(call: Call) -> Answer:
    found = [each for each in _protections(call).rulesets.values() if each.repo is call.repo]
    whole = ("conditions", "rules", "bypass_actors", "current_user_can_bypass")
    return call.page(found, lambda each: {key: value for key, value in _ruleset_shape(call, each).items() if key not in whole})


@route("POST", "/repos/{owner}/{repo}/rulesets", needs=WRITE, person="admin")
async def add_ruleset(call: Call) -> Answer:
    now = call.github.now()
    call.text("name", "Ruleset")
    made = Ruleset(call.github.number(), call.repo, "", "branch", "active", [], {}, [], now, now)
    _set(made, call.data)
    _protections(call).rulesets[made.id] = made
    _tell(call, "created", made)
    await _wake(call)
    return Answer(201, _ruleset_shape(call, made))


@route("GET", "/repos/{owner}/{repo}/rulesets/{ruleset_id}", needs=METADATA)
async def get_ruleset(call: Call) -> Json:
    may_change = granted(call.caller, WRITE) if call.caller.installation else at_least(call.role, "admin")
    hidden = set() if may_change else {"bypass_actors"}
    return {key: value for key, value in _ruleset_shape(call, _ruleset(call)).items() if key not in hidden}


@route("PUT", "/repos/{owner}/{repo}/rulesets/{ruleset_id}", needs=WRITE, person="admin")
async def change_ruleset(call: Call) -> Json:
    found = _ruleset(call)
    _set(found, call.data)
    found.updated_at = call.github.now()
    await _wake(call)
    return _ruleset_shape(call, found)


@route("DELETE", "/repos/{owner}/{repo}/rulesets/{ruleset_id}", needs=WRITE, person="admin")
async def delete_ruleset(call: Call) -> Answer:
    found = _ruleset(call)
    del _protections(call).rulesets[found.id]
    _tell(call, "deleted", found)
    await _wake(call)
    return NO_CONTENT


@route("GET", "/repos/{owner}/{repo}/rules/branches/{branch*}", needs=METADATA)
async def branch_rules(call: Call) -> Answer:
    found = [
        {**rule, "ruleset_source_type": "Repository", "ruleset_source": call.repo.full_name, "ruleset_id": each.id}
        for each in _protections(call).applying(call.repo, call.match["branch"])
        for rule in each.rules
    ]
    return call.page(found)


def _protections(call: Call) -> Protections:
    return call.github.room(Protections)


def _branch(call: Call) -> str:
    return call.match["branch"]


def _found(call: Call) -> Json:
    data = _protections(call).of(call.repo, _branch(call))
    if data is None:
        raise NotFound("Branch not protected")
    return data


def _part(call: Call, name: str) -> Json:
    found: Json | None = _found(call)[name]
    if found is None:
        raise NotFound(
            "Required status checks not enabled" if name == "required_status_checks" else "Pull request reviews not enabled"
        )
    return found


async def _wake(call: Call) -> None:
    for pull in call.github.room(Pulls).open():
        if pull.repo is call.repo:
            await changed(call.github, pull)


def _checks(wanted: Json | None) -> Json | None:
    """Return the required checks; ``checks`` wins over the older ``contexts``, ``-1`` means any App."""
    if wanted is None:
        return None
    if wanted.get("checks") is not None:
        found = [
            {"context": each["context"], "app_id": None if each.get("app_id") in {None, -1} else each["app_id"]}
            for each in wanted["checks"]
        ]
    else:
        found = [{"context": name, "app_id": None} for name in wanted.get("contexts", [])]
    return {"strict": bool(wanted.get("strict")), "checks": found}


def _reviews(wanted: Json | None, before: Json) -> Json | None:
    if wanted is None:
        return None
    count = wanted.get("required_approving_review_count", before.get("required_approving_review_count", 1))
    if not isinstance(count, int) or not 0 <= count <= 6:
        raise Unprocessable("Invalid request.\n\nrequired_approving_review_count must be between 0 and 6.")
    flags = ("dismiss_stale_reviews", "require_code_owner_reviews", "require_last_push_approval")
    return {"required_approving_review_count": count, **{name: bool(wanted.get(name, before.get(name))) for name in flags}}


def _shape(call: Call, data: Json) -> Json:
    checks, reviews = data["required_status_checks"], data["required_pull_request_reviews"]
    return {
        "url": _url(call),
        **({"required_status_checks": _checks_shape(call, checks)} if checks else {}),
        **({"required_pull_request_reviews": _reviews_shape(call, reviews)} if reviews else {}),
        "required_signatures": {"url": f"{_url(call)}/required_signatures", "enabled": False},
        "enforce_admins": _enforced(call, data),
        **{name: {"enabled": data[name]} for name in (*FLAGS, *LATER_FLAGS)},
    }


def _url(call: Call) -> str:
    return f"{call.urls.repo(call.repo)}/branches/{_branch(call)}/protection"


def _enforced(call: Call, data: Json) -> Json:
    return {"url": f"{_url(call)}/enforce_admins", "enabled": data["enforce_admins"]}


def _checks_shape(call: Call, checks: Any) -> Json:
    url = f"{_url(call)}/required_status_checks"
    names = [each["context"] for each in checks["checks"]]
    return {
        "url": url,
        "strict": checks["strict"],
        "contexts": names,
        "contexts_url": f"{url}/contexts",
        "checks": checks["checks"],
    }


def _reviews_shape(call: Call, reviews: Any) -> Json:
    return {"url": f"{_url(call)}/required_pull_request_reviews", **reviews}


def _ruleset(call: Call) -> Ruleset:
    found = _protections(call).rulesets.get(call.number("ruleset_id"))
    if not found or found.repo is not call.repo:
        raise NotFound
    return found


def _set(ruleset: Ruleset, data: Json) -> None:
    rules = data.get("rules", ruleset.rules)
    unknown = sorted({rule["type"] for rule in rules} - KNOWN_RULES)
    if unknown or data.get("enforcement", ruleset.enforcement) not in {"active", "disabled", "evaluate"}:
        raise Unprocessable(f"Invalid rule '{unknown[0]}': " if unknown else "Invalid enforcement")
    ruleset.rules = rules
    for name in ("name", "target", "enforcement", "bypass_actors", "conditions"):
        setattr(ruleset, name, data.get(name, getattr(ruleset, name)))


def _ruleset_shape(call: Call, ruleset: Ruleset) -> Json:
    url = f"{call.urls.repo(call.repo)}/rulesets/{ruleset.id}"
    return {
        "id": ruleset.id,
        "name": ruleset.name,
        "target": ruleset.target,
        "source_type": "Repository",
        "source": call.repo.full_name,
        "enforcement": ruleset.enforcement,
        "bypass_actors": ruleset.bypass_actors,
        "current_user_can_bypass": "never",
        "node_id": f"RRS_{ruleset.id}",
        "_links": {"self": {"href": url}, "html": {"href": f"{call.urls.page(call.repo)}/rules/{ruleset.id}"}},
        "conditions": ruleset.conditions,
        "rules": ruleset.rules,
        "created_at": stamp(ruleset.created_at),
        "updated_at": stamp(ruleset.updated_at),
    }


def _tell(call: Call, action: str, ruleset: Ruleset) -> None:
    payload = {"repository_ruleset": _ruleset_shape(call, ruleset)}
    emit(call.github, "repository_ruleset", action, payload, repo=call.repo, sender=call.actor)
