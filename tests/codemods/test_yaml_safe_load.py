from __future__ import annotations

from collections.abc import Callable

from bot.codemod import Codemod
from bot.codemods.yaml_safe_load import CODEMOD

Run = Callable[..., str]


def test_its_examples(shows: Callable[[Codemod], None]) -> None:
    shows(CODEMOD)


def test_the_loader_may_be_given_by_place(run: Run) -> None:
    assert run(CODEMOD, "x = yaml.load(f, yaml.Loader)\n") == "x = yaml.safe_load(f)\n"
    kept = "x = yaml.load(f, Loader=yaml.CSafeLoader)\ny = yaml.load(stream=f)\nz = yaml.load(f, a, b)\n"
    assert run(CODEMOD, kept) == kept
