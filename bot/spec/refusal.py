"""The honest end: no trustworthy spec, why, and the example that would make the wish provable."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.spec.definitions import Definition, Index, mentioned
from bot.spec.draft import Unusable

_SAMPLES = {"int": "3", "float": "2.5", "str": "'text'", "bool": "True", "bytes": "b'text'", "dict": "{'key': 1}"}
_BY_NAME = {"text": "'text'", "string": "'text'", "name": "'name'", "path": "'a/b'", "n": "3", "x": "3", "numbers": "[3, 1]"}
_CALL = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\(([\w, ]*)\)")


@dataclass(frozen=True)
class NoSpec:
    """No trustworthy spec could be written."""

    reason: str
    """One sentence: what is missing."""
    advice: str
    """One sentence: the example or test that would help."""
    lacks_test: bool = False
    """Whether more or better tests of the wish, whoever writes them, would be enough."""

    def without_model(self, why_not: str) -> NoSpec:
        """Return the same, its advice with why no model could write the tests either."""
        if not why_not:
            return self
        return replace(self, advice=f"{self.advice.rstrip('.')}; and no model could write one: {why_not.rstrip('.')}.")


def refuse(reason: str, text: str, index: Index, targets: Sequence[Definition], unusable: Sequence[Unusable] = ()) -> NoSpec:
    """Return the refusal with an example that fits the repository's real function and its signature."""
    named = [each for each in (*targets, *mentioned(text, index)) if not each.is_class]
    others = [each for each in _in_plain_words(text, index) if not each.is_class] or [*filter(None, [_likeliest(index)])]
    calls = (*map(sample_call, named), *_new_calls(text, index), *map(sample_call, others))
    sample = next(iter(calls), "")
    advice = (
        f"Add an example such as `{sample} == …` with the result you expect, or name a failing test with --test."
        if sample
        else "Name the function and add an example with the result you expect, or name a failing test with --test."
    )
    if unusable:
        shown = " ".join(unusable[0].quote.split())[:80]
        return NoSpec(f"{reason}; `{shown}` could not be used because {unusable[0].reason}.", advice, lacks_test=True)
    return NoSpec(f"{reason}.", advice, lacks_test=True)


def _in_plain_words(text: str, index: Index) -> list[Definition]:
    """Return public functions whose name is a word of the text: too weak for a spec, good enough for advice."""
    words = re.findall(r"\w+", text)
    found = (each for word in dict.fromkeys(words) for each in index.by_name.get(word, ()))
    return [each for each in found if not (each.is_method or each.name.startswith(("_", "test")))]


def _new_calls(text: str, index: Index) -> list[str]:
    """Return made-up calls of what the text writes as a call and the repository does not have yet."""
    known = {*index.by_name, *dir(builtins), *keyword.kwlist}
    found = [(name, parameters.split(",")) for name, parameters in _CALL.findall(text) if name not in known]
    return [f"{name}({', '.join(_sample(each.strip(), '') for each in given if each.strip())})" for name, given in found]


def _likeliest(index: Index) -> Definition | None:
    """Return the repository's only public function, where it has only one."""
    public = [each for each in index.definitions if not (each.is_class or each.is_method or each.name.startswith("_"))]
    return public[0] if len(public) == 1 else None


def sample_call(definition: Definition) -> str:
    """Return a call with made-up arguments that fit the signature: ``parse('text')``."""
    arguments = ", ".join(_sample(name, annotation) for name, annotation in definition.parameters)
    owner = definition.qualname.rpartition(".")[0]
    return f"{owner + '(…).' if owner else ''}{definition.name}({arguments})"


def _sample(name: str, annotation: str) -> str:
    plain = annotation.partition("[")[0].strip("'\"")
    if plain in {"list", "List", "Sequence", "Iterable", "tuple", "Tuple"}:
        return "['a', 'b']" if "str" in annotation else "[3, 1]"
    return _SAMPLES.get(plain) or _BY_NAME.get(name) or "…"
