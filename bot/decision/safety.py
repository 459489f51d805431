"""Is a repository's branch guarded so that nothing gets in unproven? Pure: what GitHub says of it goes in, sentences come out.

Each sentence names the setting to change. Pawl arms nothing as long as there is one. A branch that several sources protect is
guarded where those suffice that nobody can go round: whoever is excepted from one ruleset is still bound by the others. GitHub
shows a ruleset's exceptions only to who may write it, which Pawl never asks for; what it tells an App of the App's own exception
says nothing of people's. So rulesets alone, their exceptions unseen, are a guard only where the configuration vouches for them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.github.protection import Protection

CHECK: Final = "pawl"
"""The one check to require."""
_WHERE: Final = "under Settings, Branches"


def problems(found: Protection | None, branch: str, app: int, *, accepted: bool = False) -> tuple[str, ...]:
    """Return what would let a change into ``branch`` unproven; ``app`` is the App's id.

    ``accepted``: the repository's people take rulesets for a guard whose exceptions they alone see.
    """
    if found is None:
        return (f"the branch {branch} is not protected: protect it {_WHERE}, and require the check {CHECK} from this App",)
    if found.binding is not None and not _holes(found.binding, branch, app):
        return ()
    return _holes(replace(found, allow_bypass=False) if accepted and found.allow_bypass is None else found, branch, app)


def rests_on_trust(found: Protection | None, branch: str, app: int) -> bool:
    """Whether a branch is guarded only as far as its people know who is excepted from its rulesets."""
    return bool(problems(found, branch, app)) and not problems(found, branch, app, accepted=True)


def _holes(found: Protection, branch: str, app: int) -> tuple[str, ...]:
    holes = (_check(found, branch, app), _bypass(found, branch), _force(found, branch), _direct(found, branch))
    return tuple(each for each in holes if each)


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
            f" branch protection {_WHERE}, with the check {CHECK} from this App and 'Do not allow bypassing the above settings',"
            " or vouch for the rulesets by `merge.accept_rulesets: true` in the configuration"
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


def _direct(found: Protection, branch: str) -> str:
    if found.pull_required or found.merge_queue:
        return ""
    return (
        f"{branch} takes pushes without a pull request, so whoever may write pushes what is green past everybody: choose"
        f" 'Require a pull request before merging' {_WHERE}"
    )
