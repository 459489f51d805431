from __future__ import annotations

import pytest

from bot.change.change import Edit, Edits
from bot.proving.documentation import objections, with_examples

BEFORE = "def f(x):\n    return x * 2  # noqa: X1\n"
FILES = {"shop.py": BEFORE, "README.md": "# Shop\n"}


def said(path: str, text: str | None) -> str:
    return "\n".join(map(str, objections(Edits((Edit(path, text),)), FILES.get)))


def test_docstrings_comments_and_documents_may_differ() -> None:
    assert not said("shop.py", 'def f(x):\n    """Double it."""\n    # twice\n    return x * 2  # noqa: X1\n')
    assert not said("README.md", "# The shop\n")
    assert not said("docs/new.md", "# New\n")


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("shop.py", 'def f(x):\n    """Double it."""\n    return x * 3  # noqa: X1\n', "differs in code"),
        ("shop.py", 'def f(x, y=1):\n    """Double it."""\n    return x * 2  # noqa: X1\n', "differs in code"),
        ("shop.py", "def f(x):\n    return x * 2\n", "comments that tools obey"),
        ("shop.py", None, "code that comes or goes"),
        ("new.py", '"""Words."""\n', "code that comes or goes"),
        ("README.md", None, "is deleted"),
        ("data.json", "{}", "is no documentation"),
    ],
)
def test_more_than_documentation_is_refused(path: str, text: str | None, why: str) -> None:
    assert why in said(path, text)


def test_modules_with_new_examples_are_named() -> None:
    new = 'def f(x):\n    """Double it.\n\n    >>> f(2)\n    4\n    """\n    return x * 2\n'
    assert with_examples(Edits((Edit("src/pkg/a.py", new), Edit("shop.py", BEFORE))), FILES.get) == ("pkg.a",)
    assert with_examples(Edits((Edit("shop.py", new),)), {"shop.py": new}.get) == ()
