from __future__ import annotations

from collections.abc import Callable

from bot.codemod import Codemod
from bot.codemods.aware_utc import CODEMOD

Run = Callable[..., str]


def test_its_examples(shows: Callable[[Codemod], None]) -> None:
    shows(CODEMOD)


def test_the_value_is_the_same_naive_time(run: Run) -> None:
    after = run(CODEMOD, "from datetime import datetime\nx = datetime.utcfromtimestamp(86400)\n")
    names: dict[str, object] = {}
    exec(after, names)  # noqa: S102 - our own text
    assert str(names["x"]) == "1970-01-02 00:00:00"


def test_an_import_is_not_added_twice_and_comments_stay(run: Run) -> None:
    before = "from datetime import datetime, timezone  # both\nx = datetime.utcnow()  # now\n"
    after = run(CODEMOD, before)
    assert after.count("timezone") == 2
    assert "# both" in after
    assert "# now" in after


def test_a_class_and_a_module_of_the_same_name_are_left_alone(run: Run) -> None:
    inner = "def f():\n    import datetime\n    return datetime.datetime.utcnow()\n"
    text = f"{inner}\n\nfrom datetime import datetime\nx = datetime.utcnow()\n"
    assert run(CODEMOD, text) == text
