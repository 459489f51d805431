"""The configuration that the onboarding brings: as it is it changes nothing, and every default in it is the real one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.config import Config, load
from bot.errors import Fatal
from bot.installation import starter
from bot.installation.starter import configuration, workflow


def test_as_it_is_it_says_what_no_file_says() -> None:
    assert load(configuration(), "pawl.yml", ()) == Config()


def test_with_every_remark_taken_away_it_says_the_defaults() -> None:
    text = re.sub(r"(?m)^# ", "", configuration())
    found = load(text, "pawl.yml", ("lint",))
    assert not found.gates["lint"].required
    assert found.model_copy(update={"gates": {}}) == Config()
    assert set(re.findall(r"(?m)^(\w+):", text)) == set(Config.model_fields)


def test_the_workflow_ships_with_pawl(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "workflow_dispatch" in workflow()
    monkeypatch.setattr(starter, "files", lambda _name: tmp_path / "bot")
    with pytest.raises(Fatal, match="install Pawl again"):
        workflow()
