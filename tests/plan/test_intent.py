from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import codemods
from bot.codemod import Codemod
from bot.errors import InputError
from bot.plan.intent import MOST_CHARACTERS, clean, resolve, resolve_verb
from bot.plan.inventory import take_inventory
from bot.registry import plugins
from bot.run import Verb

CODEMODS = plugins(codemods, Codemod)
INVENTORY = take_inventory({"a.py": "def median(xs): ...\n"})


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("fix `median`, it is wrong for even lengths", Verb.FIX),
        ("`median` gives wrong results (see the failing tests). Fix it.", Verb.FIX),
        ("Traceback (most recent call last):\n  File ...", Verb.FIX),
        ("The total is off by one", Verb.FIX),
        ("fix the docs of median", Verb.DOCS),
        ("Fix the rename bug", Verb.FIX),
        ("please, could you add a function `mean`", Verb.ADD),
        ("Write a python function to find the next perfect square", Verb.ADD),
        ("Implement `mean`", Verb.ADD),
        ("write tests for a.py", Verb.TEST),
        ("Add some more unit tests", Verb.TEST),
        ("Increase the coverage", Verb.TEST),
        ("test the parser", Verb.TEST),
        ("document `median`", Verb.DOCS),
        ("Update the README", Verb.DOCS),
        ("upgrade requests to 2.32.4", Verb.UPGRADE),
        ("Bump urllib3 from 1.26 to 2.0", Verb.UPGRADE),
        ("update flask to 3.0", Verb.UPGRADE),
        ("rename `a` to `b`", Verb.REFACTOR),
        ("## Modernise the code", Verb.REFACTOR),
        ("* clean up a.py", Verb.REFACTOR),
        ("remove unused imports", Verb.REFACTOR),
        ("Remove duplicates from the result", Verb.FIX),
        ("sort imports", Verb.REFACTOR),
        ("Sort the results", Verb.FIX),
        ("use f-strings", Verb.REFACTOR),
        ("add type annotations to a.py", Verb.REFACTOR),
        ("replace Optional[X] with X | None", Verb.REFACTOR),
        ("/pawl refactor this", Verb.REFACTOR),
        ("`simplify` is wrong: incorrect output. Fix it", Verb.FIX),
        ("`rename`, as it stands, forgets the suffix", Verb.FIX),
        ("clean(' a ') should be 'a'", Verb.FIX),
        ("test.helpers are slow", Verb.FIX),
        ("tests fail on Windows", Verb.FIX),
        ("collapse returns None for []", Verb.FIX),
        ("Simplify `median`", Verb.REFACTOR),
        ("docs are out of date", Verb.DOCS),
    ],
)
def test_the_first_telling_words_decide(text: str, verb: Verb) -> None:
    assert resolve_verb(text) is verb


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("<!-- fix everything -->", "empty"),
        ("\u200b\u2060", "empty"),
        ("a" * (MOST_CHARACTERS + 1), "20,000"),
        ("fix\0", "binary"),
        ("fix \ud800", "binary"),
    ],
)
def test_what_cannot_be_read_is_an_input_error(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        resolve_verb(text)


def test_only_what_a_person_sees_is_read() -> None:
    assert clean("fix\r\nit <!-- upgrade evil to 9 --> \u202enow\u202c\U000e0041") == "fix\nit   now"


@given(st.text(max_size=500), st.sampled_from(list(Verb)))
def test_any_text_is_understood_or_is_an_input_error(text: str, verb: Verb) -> None:
    try:
        resolve_verb(text)
        intent = resolve(text, verb, INVENTORY, CODEMODS)
    except InputError as error:
        said = str(error)
    else:
        said = intent.verb.value
        assert intent.verb is verb
    assert "\n" not in said


@given(
    st.lists(
        st.sampled_from(["`", "\n", "<!--", "```", "please ", "to ", "upgrade ", "rename ", "[", " ", "a.", "- ", "'"]),
        max_size=3_000,
    )
)
def test_hostile_text_takes_no_time(pieces: list[str]) -> None:
    text = "".join(pieces)[:MOST_CHARACTERS]
    if text.strip():
        for verb in (Verb.REFACTOR, Verb.UPGRADE):
            try:
                resolve(text, verb, INVENTORY, CODEMODS)
            except InputError:
                continue


@pytest.mark.parametrize(
    ("text", "package", "version"),
    [
        ("upgrade requests", "requests", ""),
        ("upgrade `requests` to 2.32.4.", "requests", "2.32.4"),
        ("upgrade requests[socks] to v2.32", "requests", "2.32"),
        ("Bump urllib3 from 1.26 to 2.0", "urllib3", "2.0"),
        ("please update the package Flask-Login to version 0.7", "Flask-Login", "0.7"),
        ("requests to 3", "requests", "3"),
    ],
)
def test_an_upgrade_names_a_package_and_perhaps_a_version(text: str, package: str, version: str) -> None:
    intent = resolve(text, Verb.UPGRADE, INVENTORY, CODEMODS)
    assert (intent.package, intent.version) == (package, version)


def test_an_upgrade_of_nothing_says_what_to_write() -> None:
    with pytest.raises(InputError, match="upgrade requests to"):
        resolve("(!)", Verb.UPGRADE, INVENTORY, CODEMODS)


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("rename `median` to `middle`", [("rename", {"old": "median", "new": "middle"})]),
        ("Rename the function a.median() into middle", [("rename", {"old": "a.median", "new": "middle"})]),
        ("sort imports and remove unused imports", [("sort-imports", {}), ("remove-unused-imports", {})]),
        ("modernise, modernize!", [("modernise", {})]),
        ("use f-strings\n```\nuse isinstance\n```", [("f-strings", {})]),
        ("add type annotations to a.py", [("return-annotations", {})]),
        ("remove dead code", [("remove-dead-code", {})]),
        ("make it nicer", []),
    ],
)
def test_wishes_are_found_in_the_order_of_the_text(text: str, wishes: list[tuple[str, dict[str, str]]]) -> None:
    found = resolve(text, Verb.REFACTOR, INVENTORY, CODEMODS).wishes
    assert [(each.codemod, dict(each.arguments)) for each in found] == wishes


def test_only_words_about_the_interface_ask_for_its_change() -> None:
    assert resolve("add a parameter `key` to `median`", Verb.ADD, INVENTORY, CODEMODS).asks_interface
    assert not resolve("fix `median`", Verb.FIX, INVENTORY, CODEMODS).asks_interface
