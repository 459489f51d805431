"""Stories with models: a small project, a wish in prose without an example, and vendors that answer as a script says.

Every run is the real command in a process of its own, with nothing set of models but the vendors' variables.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.models.double import Answer, ModelDouble
from tests.doubles.models.wire import Seen
from tests.stories.conftest import Pawl, Said, picture

NAMES = '''\
"""Names of people."""


def tidy(name: str) -> str:
    """Return the name with single blanks between its words and none around it.

    >>> tidy("  Ada   Lovelace ")
    'Ada Lovelace'
    """
    return " ".join(name.split())
'''
OWN_TESTS = '''\
"""What names must do."""

from people.names import tidy


def test_blanks_are_single() -> None:
    assert tidy(" Ada  Lovelace ") == "Ada Lovelace"


def test_nothing_stays_nothing() -> None:
    assert tidy("") == ""
'''
FILES = {
    "people/__init__.py": '"""People, as a directory shows them."""\n',
    "people/names.py": NAMES,
    "tests/test_names.py": OWN_TESTS,
    "pyproject.toml": '[project]\nname = "people"\nversion = "1.0"\nrequires-python = ">=3.11"\ndependencies = []\n',
    ".gitignore": "__pycache__/\n",
}
ONE_ROUND = {".github/pawl.yml": "budget:\n  rounds: 1\n"}
"""What gates refuse is not given back: the run ends with it."""

LETTERS = "the first letter of each word of the name as a capital, each followed by a full stop"
EMPTY = "for a name without words it gives ''"
WISH = f"Add a function `initials(name)` to people/names.py. It gives {LETTERS}; {EMPTY}."
END = '    return " ".join(name.split())\n'
GOOD = '''

def initials(name: str) -> str:
    """Return the initials of a name, each followed by a full stop."""
    return "".join(f"{word[0].upper()}." for word in name.split())
'''
WRONG = GOOD.replace(".upper()", "")


def written(name: str, given: str, wanted: str, quote: str = LETTERS) -> dict[str, Any]:
    """Return a test as a spec author answers it."""
    source = f"def {name}():\n    assert initials({given!r}) == {wanted!r}\n"
    return {"name": name, "imports": ["from people.names import initials"], "source": source, "quote": quote}


TESTS = [
    written("test_two_words", "Ada Lovelace", "A.L."),
    written("test_small_letters", "grace hopper", "G.H."),
    written("test_one_word", "plato", "P."),
    written("test_many_words", "john ronald reuel tolkien", "J.R.R.T."),
    written("test_blanks", "  Alan   Turing ", "A.T."),
    written("test_no_word", "", "", EMPTY),
]


def change(text: str, old: str = END, path: str = "people/names.py") -> dict[str, Any]:
    """Return a change author's answer that puts ``text`` behind ``old``."""
    return {"why": "as asked", "blocks": [{"path": path, "search": old, "replace": old + text}]}


def whole(path: str, text: str) -> dict[str, Any]:
    """Return a change author's answer that writes the function and a whole file besides."""
    return {"why": "as asked", "blocks": [*change(GOOD)["blocks"], {"path": path, "content": text}]}


def special_cased(seen: Seen) -> dict[str, Any]:
    """Return a change that knows the sum of the letters of each input that is shown, with the answer, and nothing else."""
    shown = dict(re.findall(r"initials\('([^']*)'\) == '([^']*)'", seen.text))
    known = {sum(map(ord, given)): wanted for given, wanted in shown.items()}
    body = f'''

def initials(name: str) -> str:
    """Return the initials of a name, each followed by a full stop."""
    known = {known!r}
    return known.get(sum(map(ord, name)), name[:1].upper() + ".")
'''
    return change(body)


@dataclass(frozen=True)
class Scene:
    """A project, Pawl, and the vendors it may ask."""

    pawl: Pawl
    models: ModelDouble
    root: Path
    before: dict[str, bytes] = field(repr=False)

    def run(self, *answers: Answer, vendors: tuple[str, ...] = (), **env: str) -> Said:
        """Have the change author answer this, the last again and again, and everybody else the least; return what Pawl said.

        What was scripted before comes first.
        """
        self.models.script("change_author", *answers, forever=True)
        self.models.script("spec_author", {"tests": TESTS}, forever=True)
        self.models.script("critic", {"counter_examples": []}, forever=True)
        reached: Any = {**self.models.environment(*vendors), **env}
        return self.pawl("run", "--repo", self.root, "--json", "-", stdin=WISH, **reached)

    def asked(self, duty: str) -> list[Seen]:
        """Return what was sent for a duty."""
        return self.models.asked(duty)

    def git(self, *arguments: str) -> str:
        """Return what git says of the project."""
        return subprocess.run(["git", "-C", str(self.root), *arguments], check=True, capture_output=True, text=True).stdout

    def as_it_was(self) -> bool:
        """Tell whether not a file and not a branch of the project is other than before, Pawl's own branches included."""
        return picture(self.root) == self.before and "pawl" not in self.git("branch", "--all")


SetUp = Callable[[Mapping[str, str]], Scene]


def scene_at(root: Path, pawl: Pawl, models: ModelDouble, more: Mapping[str, str]) -> Scene:
    """Commit the project in ``root`` with ``more`` files, and return the scene."""
    for path, text in {**FILES, **more}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    who = ["-c", "user.name=A Person", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        subprocess.run(["git", "-C", str(root), *who, *command], check=True)
    return Scene(pawl, models, root, picture(root))


@pytest.fixture
def scene(pawl: Pawl, models: ModelDouble, tmp_path: Path) -> SetUp:
    """Return a function that sets a scene up: further files of the project may be given."""
    return partial(scene_at, tmp_path / "people", pawl, models)


def proven(said: Said) -> dict[str, Any]:
    """Return what Pawl said of a change that it proved."""
    assert said.code in {0, 3}, said.out[-3000:] + said.err
    return said.json


def refused(said: Said) -> dict[str, Any]:
    """Return what Pawl said of a run that it refused."""
    assert (said.code, said.out[:1]) == (1, "{"), said.out[-3000:] + said.err
    assert said.json["state"] == "refused"
    assert said.json["branch"] is None
    return said.json


def ledger(reply: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the run's ledger as its evidence holds it."""
    text = (Path(reply["bundle"]) / "evidence/ledger.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]
