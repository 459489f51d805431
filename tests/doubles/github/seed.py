"""A small world to drive by hand: people, a Python project with a bug, an issue about it, an App installed there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.doubles.github.commits import Person, edited, make
from tests.doubles.github.installing import install, register
from tests.doubles.github.issues import new_issue
from tests.doubles.github.refs import move
from tests.doubles.github.repositories import new_repository
from tests.doubles.github.state import GitHub
from tests.doubles.github.workflow_run import Actions

PERMISSIONS = {
    "contents": "write",
    "pull_requests": "write",
    "issues": "write",
    "checks": "write",
    "actions": "write",
    "members": "read",
    "administration": "read",
    "merge_queues": "read",
    "statuses": "read",
}
EVENTS = [
    "check_run",
    "check_suite",
    "deployment_protection_rule",
    "issue_comment",
    "issues",
    "label",
    "merge_group",
    "pull_request",
    "pull_request_review",
    "pull_request_review_comment",
    "push",
    "repository",
    "workflow_run",
]
SHIPPED = Path(__file__).parents[3] / "workflows" / "pawl.yml"
"""The workflow under test, as the README has it installed."""
FILES = {
    ".github/pawl.yml": "version: 1\n",
    ".github/workflows/pawl.yml": SHIPPED.read_text(encoding="utf-8"),
    "README.md": "# Shop\n\nPrices with discounts.\n",
    "pyproject.toml": '[project]\nname = "shop"\nversion = "1.0"\nrequires-python = ">=3.11"\n',
    "shop/__init__.py": '"""A small shop."""\n',
    "shop/price.py": (
        '"""What things cost."""\n\n\n'
        "def discounted(price: float, percent: float) -> float:\n"
        '    """Return the price less so many percent."""\n'
        "    return price + price * percent / 100\n"
    ),
    "tests/test_price.py": (
        "from shop.price import discounted\n\n\ndef test_no_discount() -> None:\n    assert discounted(80, 0) == 80\n"
    ),
}
ISSUE = """`discounted` makes things dearer.

```python
>>> from shop.price import discounted
>>> discounted(200, 10)
180.0
>>> discounted(50, 50)
25.0
>>> discounted(80, 25)
60.0
```
"""


@dataclass(frozen=True)
class Seeded:
    """What the seed has made: names, tokens and the App's secrets."""

    repository: str
    issue: int
    people: dict[str, str]
    app_id: int
    installation: int
    webhook_secret: str
    private_key: str


async def seed(github: GitHub, hook: str) -> Seeded:
    """Make the world; webhooks go to ``hook``."""
    mona = github.add_account("mona", "User", name="Mona", email="mona@example.com")
    hubot = github.add_account("hubot", "User", name="Hubert", email="hubert@example.com")
    repo = new_repository(github, mona, "shop")
    octavia = github.add_account("octavia", "User", name="Octavia", email="octavia@example.com")
    repo.collaborators.update({hubot.id: "write", octavia.id: "maintain"})
    actions = github.room(Actions)
    actions.environment = {"PIP_NO_INDEX": "1"}  # the runner has everything already; see machine.py
    repo.settings.allow_auto_merge = True
    tree = edited(repo.clone, None, {path: text.encode() for path, text in FILES.items()})
    sha = make(github, repo.clone, tree, [], "A shop", author=Person.of(mona, github.now()))
    await move(github, repo, "refs/heads/main", sha, mona)
    issue = new_issue(github, repo, "Discounts are wrong", ISSUE, mona)
    manifest = {
        "name": "Pawl",
        "hook_attributes": {"url": hook},
        "default_permissions": PERMISSIONS,
        "default_events": EVENTS,
    }
    birth = register(github, mona, manifest)
    made = install(github, birth.app, mona, None, mona)
    people = {one.login: github.token_of(one) for one in (mona, hubot, octavia)}
    return Seeded(repo.full_name, issue.number, people, birth.app.id, made.id, birth.app.hook_secret, birth.private_key)
