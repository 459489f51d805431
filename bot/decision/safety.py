"""Is a repository's branch guarded so that nothing gets in unproven? Pure: what GitHub says of it goes in, sentences come out.

Each sentence names the setting to change. Pawl arms nothing as long as there is one. A branch that several sources protect is
guarded where those suffice that nobody can go round: whoever is excepted from one ruleset is still bound by the others. GitHub
shows a ruleset's exceptions only to who may write it, which Pawl never asks for; what it tells an App of the App's own exception
says nothing of people's. So rulesets alone, their exceptions unseen, are never taken for a guard.
"""

from __future__ import annotations

from typing import Final

from bot.github.protection import Protection

CHECK: Final = "pawl"
"""The one check to require."""
_WHERE: Final = "under Settings, Branches"


def problems(found: Protection | None, branch: str, app: int) -> tuple[str, ...]:
    """Return what would let a change into ``branch`` unproven; ``app`` is the App's id."""
    if found is None:
        return (f"the branch {branch} is not protected: protect it {_WHERE}, and require the check {CHECK} from this App",)
    if found.binding is not None and not _holes(found.binding, branch, app):
        return ()
    return _holes(found, branch, app)


def _holes(found: Protection, branch: str, app: int) -> tuple[str, ...]:
    return tuple(each for each in (_check(found, branch, app), _bypass(found, branch), _force(found, branch)) if each)


def _check(found: Protection, branch: str, app: int) -> str:
    sources = {source for context, source in found.required_checks if context == CHECK}
    if app in sources:
        return ""
    if not sources:
        return f"{branch} does not require the check {CHECK}: add it {_WHERE}, Require status checks, with this App as its source"
    return (
        f"{branch} takes the check {CHECK} from anybody: choose this App as its source {_WHERE}, or whoever may push can forge it"
    )


def _bypass(found: Protection, branch: str) -> str:
    if found.allow_bypass is None:
        return (
            f"who may bypass the rulesets of {branch} is shown only to those who may change them, which Pawl may not: add classic"
            f" branch protection {_WHERE}, with the check {CHECK} from this App and 'Do not allow bypassing the above settings'"
        )
    if not found.allow_bypass:
        return ""
    who = ", ".join(found.bypass) or "administrators"
    return (
        f"the protection of {branch} can be bypassed by {who}: choose 'Do not allow bypassing the above settings' {_WHERE},"
        " and take everybody off the lists of exceptions"
    )


def _force(found: Protection, branch: str) -> str:
    return f"force pushes to {branch} are allowed: forbid them {_WHERE}" if found.force_push else ""
