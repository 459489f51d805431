from __future__ import annotations

from importlib.resources import files

import pytest

from bot.llm.asking import Duty
from bot.prompts.prompt import prompt

NAMES = sorted(each.name.removesuffix(".md") for each in files("bot.prompts").iterdir() if each.name.endswith(".md"))


@pytest.mark.parametrize("name", NAMES)
def test_a_prompt_is_pawls_own_words_and_leaves_no_gap_for_others(name: str) -> None:
    text = prompt(name)
    assert text == text.strip() != ""
    assert text.isprintable() or set(text) - {"\n"} <= {each for each in text if each.isprintable()} | {"\n"}
    assert "{{" not in text


def test_every_duty_has_a_prompt_that_names_it() -> None:
    named = {prompt(name).partition("\n")[0] for name in NAMES}
    assert {f"Your duty: {duty.value}" for duty in Duty} <= named


def test_a_prompt_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        prompt("no-such-duty")
