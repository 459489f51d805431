from __future__ import annotations

import pytest

from bot.errors import Refused
from bot.syntax.renaming import rename_global

FILES = {
    "m.py": "def old(): ...\n",
    "hub.py": "from m import old\n",
    "user.py": "import hub\n\nhub.old()\n",
    "test_m.py": "from hub import old\nfrom unittest.mock import patch\n\npatch('m.old')\nold()\n",
}


def test_a_name_is_followed_through_those_who_hand_it_on() -> None:
    changed = rename_global(FILES, "m.py", "old", "new")
    assert changed["user.py"] == "import hub\n\nhub.new()\n"
    assert changed["test_m.py"] == "from hub import new\nfrom unittest.mock import patch\n\npatch('m.new')\nnew()\n"


def test_files_to_leave_still_find_the_old_name_where_they_look_for_it() -> None:
    changed = rename_global(FILES, "m.py", "old", "new", frozenset({"test_m.py"}))
    assert changed == {
        "m.py": "def new(): ...\n\n\nold = new\n",
        "hub.py": "from m import new\n\n\nold = new\n",
        "user.py": "import hub\n\nhub.new()\n",
    }


def test_a_local_of_the_same_name_is_another_name() -> None:
    files = {"m.py": "old = 1\n\n\ndef f():\n    old = 2\n    return old\n\n\ndef g():\n    return old\n"}
    assert rename_global(files, "m.py", "old", "new") == {
        "m.py": "new = 1\n\n\ndef f():\n    old = 2\n    return old\n\n\ndef g():\n    return new\n"
    }


def test_a_new_name_that_would_mean_something_else_is_refused() -> None:
    with pytest.raises(Refused, match="in use"):
        rename_global({"m.py": "old = 1\n\n\ndef f(new):\n    return old\n"}, "m.py", "old", "new")
