"""Search/replace blocks: found without doubt or refused with what helps, and not a byte beside the place differs."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bot.change.blocks import SCHEMA, Block, Problem, applied, blocks_of
from bot.change.change import Edits

SHOP = """class Cart:
    def total(self):
        price = 0
        for item in self.items:
            price += item.price
        return price

    def count(self):
        return len(self.items)
"""


def done(files: Mapping[str, str], *blocks: Block) -> dict[str, str | None]:
    result = applied(files.get, blocks, tuple(files))
    assert isinstance(result, Edits), result
    return {each.path: each.content for each in result.edits}


def refused(files: Mapping[str, str], *blocks: Block) -> str:
    result = applied(files.get, blocks, tuple(files))
    assert not isinstance(result, Edits), result
    assert all(isinstance(each, Problem) for each in result)
    return "\n".join(map(str, result))


def shop(search: str, replace: str) -> str | None:
    return done({"shop.py": SHOP}, Block("shop.py", search, replace))["shop.py"]


BEFORE = "            price += item.price\n        return price"
AFTER = "            price += item.price\n        return round(price, 2)"


@pytest.mark.parametrize(
    ("search", "replace"),
    [
        ("        return price\n", "        return round(price, 2)\n"),
        ("        return price", "        return round(price, 2)"),
        ("return price", "return round(price, 2)"),
        ("        return price   \n\n", "        return round(price, 2)\n"),
        ("\n        return price\n", "\n        return round(price, 2)\n"),
        (BEFORE, AFTER),
        ("    price += item.price\nreturn price", "    price += item.price\nreturn round(price, 2)"),
        (textwrap.indent(BEFORE, "    "), textwrap.indent(AFTER, "    ")),
        (BEFORE.replace(" += ", "  +=  "), AFTER),
        (BEFORE.lstrip(), AFTER.lstrip()),
    ],
)
def test_a_place_is_found_exactly_or_nearly(search: str, replace: str) -> None:
    assert shop(search, replace) == SHOP.replace("return price", "return round(price, 2)")


def test_lines_without_indentation_take_that_of_the_place() -> None:
    after = shop("return price", "if price < 0:\n    return 0\nreturn price")
    assert after == SHOP.replace("        return price", "        if price < 0:\n            return 0\n        return price")


def test_an_empty_replacement_takes_the_lines_away() -> None:
    assert shop("        price = 0", "") == SHOP.replace("        price = 0\n", "")


def test_blocks_of_one_file_apply_in_order() -> None:
    after = done({"a.py": "x = 1\n"}, Block("a.py", "x = 1", "x = 2"), Block("a.py", "x = 2", "x = 3"))
    assert after == {"a.py": "x = 3\n"}


def test_whole_files_and_deletions() -> None:
    files = {"a.py": "x = 1\n", "b.py": "y = 1\n"}
    after = done(files, Block("new/c.py", content="z = 1"), Block("a.py", content="x = 2\n"), Block("b.py"))
    assert after == {"new/c.py": "z = 1\n", "a.py": "x = 2\n", "b.py": None}


def test_line_ends_of_windows_are_kept() -> None:
    files = {"a.py": "x = 1\r\ny = 2\r\nz = 3\r\n"}
    assert done(files, Block("a.py", "y = 2\n", "y = 4\ny2 = 5\n")) == {"a.py": "x = 1\r\ny = 4\r\ny2 = 5\r\nz = 3\r\n"}
    assert done(files, Block("a.py", content="x = 9\n")) == {"a.py": "x = 9\r\n"}


def test_several_places_are_named_and_nothing_is_guessed() -> None:
    assert "found at lines 4, 9: add lines around it" in refused({"shop.py": SHOP}, Block("shop.py", "self.items", "self.things"))


def test_a_search_that_is_nowhere_gets_the_nearest_lines_with_numbers() -> None:
    said = refused({"shop.py": SHOP}, Block("shop.py", "        return prices", "        return 0"))
    assert "is not found" in said
    assert "    6         return price" in said


def test_a_search_like_nothing_says_so() -> None:
    assert "no line is like it" in refused({"shop.py": SHOP}, Block("shop.py", "@@@@@@", "y"))


def test_an_unknown_path_names_the_one_that_was_meant() -> None:
    assert "near it are shop.py" in refused({"shop.py": SHOP}, Block("shp.py", "x", "y"))


@pytest.mark.parametrize("path", ["../out.py", "/etc/passwd", "a/../b.py", ".git/config", "a\\b.py", ""])
def test_paths_outside_the_repository_are_refused(path: str) -> None:
    assert refused({}, Block(path, content="x"))


def test_a_name_that_differs_in_case_only_is_refused() -> None:
    assert "shop.py has that name already" in refused({"shop.py": SHOP}, Block("Shop.py", content="x"))


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("shop/cart.py/x.py", "shop/cart.py is a file"),
        ("Shop/CART.py/x.py", "shop/cart.py is a file"),
        ("shop", "a folder has that name"),
        ("logo.png", "no text that can be edited"),
    ],
)
def test_a_new_file_lies_where_a_file_can_be(path: str, why: str) -> None:
    result = applied(lambda _: None, [Block(path, content="x = 1\n")], ("shop/cart.py", "logo.png"))
    assert not isinstance(result, Edits)
    assert why in result[0].what


def test_no_file_lies_in_another_one_of_the_same_answer() -> None:
    assert "notes is a file" in refused({}, Block("notes", content="x\n"), Block("notes/today.md", content="x\n"))


def test_a_new_file_may_be_gone_over_in_the_same_answer() -> None:
    assert done({}, Block("new.py", content="x = 1\n"), Block("new.py", "x = 1\n", "x = 2\n")) == {"new.py": "x = 2\n"}


def test_an_empty_search_an_empty_list_and_blocks_that_change_nothing_are_refused() -> None:
    assert "the search is empty" in refused({"a.py": "x\n"}, Block("a.py", " \n", "y"))
    assert "it has 0 blocks" in refused({})
    assert "leave every file as it is" in refused({"a.py": "x\n"}, Block("a.py", "x", "x"))


def test_content_that_is_no_text_is_refused() -> None:
    assert "not text" in refused({}, Block("a.py", content="\0"))


def test_every_problem_is_told_at_once() -> None:
    said = refused({"a.py": "x = 1\n"}, Block("a.py", "q = 7", "y"), Block("b.py", "x", "y"))
    assert "a.py: the search is not found" in said
    assert "b.py: there is no such file" in said


@pytest.mark.parametrize(
    ("data", "block"),
    [
        ({"path": "a", "search": "x", "replace": "y"}, Block("a", "x", "y")),
        ({"path": "a", "content": "x"}, Block("a", content="x")),
        ({"path": "a", "delete": True}, Block("a")),
    ],
)
def test_blocks_are_read_from_what_fits_the_schema(data: dict[str, Any], block: Block) -> None:
    Draft202012Validator(SCHEMA).validate([data])
    assert blocks_of([data]) == (block,)


@pytest.mark.parametrize("data", [{"path": "a"}, {"path": "a", "delete": False}, {"path": "a", "search": "x"}, {"content": "x"}])
def test_other_data_does_not_fit(data: dict[str, Any]) -> None:
    assert not Draft202012Validator(SCHEMA).is_valid([data])


LINES = st.lists(
    st.sampled_from(["", "    ", "x = 1", "    y = 2", "        return x", "\tz", "a  b", "caf\u00e9"]), min_size=1, max_size=12
)
NEW = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=8), max_size=4
)


@given(LINES, st.data(), NEW)
def test_lines_that_stand_there_once_are_replaced_and_nothing_else(lines: list[str], data: st.DataObject, new: list[str]) -> None:
    first = data.draw(st.integers(0, len(lines) - 1))
    last = data.draw(st.integers(first + 1, len(lines)))
    wanted = lines[first:last]
    search = "\n".join(wanted)
    places = [at for at in range(len(lines) - len(wanted) + 1) if lines[at : at + len(wanted)] == wanted]
    text = "\n".join(lines) + "\n"
    after = "\n".join([*lines[:first], *new, *lines[last:]]) + "\n" if [*lines[:first], *new, *lines[last:]] else ""
    replace = "\n".join(new)
    result = applied({"a": text}.get, [Block("a", search + "\n", replace + "\n" if new else "")])
    if not search.strip() or len(places) > 1:
        assert not isinstance(result, Edits)
    elif isinstance(result, Edits):
        assert result.edits[0].content == after
    else:
        assert after == text


@given(LINES, st.sampled_from(["", "    ", "\t"]), st.data())
def test_a_near_match_keeps_every_line_outside_the_place(lines: list[str], pad: str, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(lines) - 1))
    last = data.draw(st.integers(first + 1, len(lines)))
    search = "\n".join(f"{pad}{line}  " for line in lines[first:last])
    text = "\n".join(lines) + "\n"
    result = applied({"a": text}.get, [Block("a", search, f"{pad}NEW")])
    if isinstance(result, Edits):
        after = (result.edits[0].content or "").split("\n")
        before = text.split("\n")
        at = next(number for number, line in enumerate(after) if "NEW" in line)
        assert after[:at] == before[:at]
        assert after[at + 1 :] == before[len(before) - len(after) + at + 1 :]


@given(st.text(max_size=80), st.text(max_size=20), st.text(max_size=20))
def test_any_text_is_answered_with_edits_or_with_a_reason(text: str, search: str, replace: str) -> None:
    result = applied({"a": text}.get, [Block("a", search, replace)])
    assert result
    if not isinstance(result, Edits):
        assert all(each.what for each in result)
