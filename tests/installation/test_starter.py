"""The configuration that the onboarding brings: as it is it changes nothing, and every default in it is the real one."""

from __future__ import annotations

import re

from bot.config import Config, load
from bot.installation.starter import configuration


def test_as_it_is_it_says_what_no_file_says() -> None:
    assert load(configuration(), "pawl.yml", ()) == Config()


def test_with_every_remark_taken_away_it_says_the_defaults() -> None:
    text = re.sub(r"(?m)^# ", "", configuration())
    found = load(text, "pawl.yml", ("lint",))
    assert not found.gates["lint"].required
    assert found.model_copy(update={"gates": {}}) == Config()
    assert set(re.findall(r"(?m)^(\w+):", text)) == set(Config.model_fields)
