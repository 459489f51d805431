"""An asker that says what a test told it to, duty by duty, held to each question's schema as a real one would be.

Answers are data (the question has a schema), text (it has none), or an exception to raise; a duty has a list of them, given in
order, or a function of the question. What was asked is kept in ``questions``. Tools are called only by a function: it finds them
in the question.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.capability import mismatch
from bot.llm.asking import Answer, Ask, Duty, NoAnswer, Usage

Said = Mapping[str, Any] | Sequence[Any] | str | Exception
Script = Sequence[Said] | Callable[[Ask], Said]
COST = Usage(input=100, output=10, cached=0, money=0.001, calls=1)


@dataclass
class ScriptedAsker:
    """An asker without a model. A duty without a script has nobody who could answer."""

    script: Mapping[Duty, Script]
    by: Mapping[Duty, tuple[str, ...]] = field(default_factory=dict)
    """Who answers for a duty, best first; without an entry it is ``scripted:<duty>``."""
    questions: list[Ask] = field(default_factory=list)
    """What was asked, in order."""
    cost: Usage = COST
    """What each answer costs."""

    def __post_init__(self) -> None:
        self._left = {duty: deque(each) for duty, each in self.script.items() if not callable(each)}
        self._lock = threading.Lock()

    def ask(self, question: Ask) -> Answer:
        """Return the duty's next answer.

        Raises:
            NoAnswer: nobody is configured for the duty; or what the script says to raise.
            AssertionError: the script is used up, or its answer does not fit the question: the test is wrong.
        """
        with self._lock:
            self.questions.append(question)
            said = self._next(question)
        if isinstance(said, Exception):
            raise said
        author = self._author(question)
        if question.schema is None:
            assert isinstance(said, str), f"{question.duty} was asked for text: the script has {said!r}"
            return Answer(said, None, author, self.cost)
        problem = mismatch(said, question.schema)
        assert not problem, f"the script's answer does not fit what {question.duty} was asked for: {problem}"
        return Answer(json.dumps(said), said, author, self.cost)

    def authors(self, duty: Duty) -> tuple[str, ...]:
        """Return who may answer for a duty: nobody where it has no script."""
        return self.by.get(duty, (f"scripted:{duty}",)) if duty in self.script else ()

    def asked(self, duty: Duty) -> list[Ask]:
        """Return what a duty was asked, in order."""
        return [each for each in self.questions if each.duty is duty]

    def _next(self, question: Ask) -> Said:
        duty = question.duty
        if not self.authors(duty):
            raise NoAnswer(f"no model is configured for the {duty}: set OPENAI_API_KEY or ANTHROPIC_API_KEY")
        script = self.script[duty]
        if callable(script):
            return script(question)
        assert self._left[duty], f"{duty} was asked once more than the script has answers: {question.system[:200]}"
        return self._left[duty].popleft()

    def _author(self, question: Ask) -> str:
        authors = self.authors(question.duty)
        return next((each for each in authors if each not in question.avoid), authors[0])
