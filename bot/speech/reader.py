"""How the reader's answer looks on GitHub: the model's words as plain text, links that Pawl built, cut by whole sections.

Pure functions that return Markdown. What came of running a suspected bug is told from the run's own output.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from bot.evidence.markdown import MOST, code, fence, plain
from bot.history import Answered, Paragraph, Suspect
from bot.llm.citation import Citation
from bot.run import Inquiry, Run, State
from bot.spec.showing import Shown
from bot.speech.messages import sentence, whole

Page = Callable[[Citation], str]
"""Returns the address at which people see what is cited."""
ROOM: Final = MOST - 1_500
MOST_QUOTED: Final = 12
"""Lines of a suspected bug's code that are shown."""
_SHOWN: Final = {
    Shown.SHOWN: "🐞 shown by running it",
    Shown.NOT_SHOWN: "🤷 not shown: running it proved nothing",
    Shown.NOT_RUN: "❔ not run",
}


def answer(run: Run, found: Answered | None, page: Page | None) -> str:
    """Return the one comment that a question gets: its answer, or why there is none."""
    if found is None or run.state is not State.DONE:
        return f"**😕 No answer.** {whole(run.reason)}\n\nRun {code(run.id)}\n"
    if run.instruction.inquiry is Inquiry.DEBUG:
        sections = [_suspect(each, page) for each in found.suspects] or ["No bug was found that could be told with a place."]
    else:
        sections = [_paragraph(each, page) for each in found.paragraphs]
    return "\n\n".join([_lead(run, found), *_fitting(sections), _foot(run, found)]) + "\n"


def _lead(run: Run, found: Answered) -> str:
    asked = f"{code(run.instruction.requester, 60)} asked: {plain(run.instruction.text, 300)}" if run.instruction.text else ""
    heads = {Inquiry.ASK: "💬 Answer", Inquiry.EXPLAIN: "📖 Explanation", Inquiry.DEBUG: "🔎 Suspected bugs"}
    number = f" ({len(found.suspects)})" if found.suspects else ""
    head = f"### {heads[run.instruction.inquiry or Inquiry.ASK]}{number}"
    return f"{head}\n\n{asked}" if asked else head


def _fitting(sections: Sequence[str]) -> list[str]:
    """Return the sections that a comment has room for, whole ones only, and say how many are left out."""
    kept: list[str] = []
    room = ROOM
    for at, each in enumerate(sections):
        room -= len(each) + 2
        if room < 0:
            return [*kept, f"*{len(sections) - at} more are left out: too long for a comment. Ask about a smaller part.*"]
        kept.append(each)
    return kept


def _paragraph(said: Paragraph, page: Page | None) -> str:
    places = ", ".join(_place(each, page) for each in said.citations)
    return f"{sentence(said.text)}\n<sub>{places or '⚠️ not backed by the code'}</sub>"


def _suspect(said: Suspect, page: Page | None) -> str:
    quoted = "\n".join(said.citation.quote.split("\n")[:MOST_QUOTED])
    parts = [
        f"#### {code(said.id)} {_SHOWN[said.shown]}",
        f"{_place(said.citation, page)}: {sentence(said.what)}",
        fence(quoted, "python"),
    ]
    if said.call:
        parts.append(f"{code(said.call, 400)} should give {code(said.expected, 400)}. {_saw(said)}")
    elif said.saw:
        parts.append(_saw(said))
    if said.shown is Shown.SHOWN:
        parts.append(f"{code(f'/pawl fix {said.id}')} repairs it.")
    return "\n\n".join(parts)


def _saw(said: Suspect) -> str:
    return f"Run on this code: {code(said.saw, 400)}" if said.saw else ""


def _place(cited: Citation, page: Page | None) -> str:
    last = f"-{cited.last}" if cited.last != cited.first else ""
    text = code(f"{cited.path}:{cited.first}{last}")
    return f"[{text}]({page(cited)})" if page is not None else text


def _foot(run: Run, found: Answered) -> str:
    """Return whose words these are and what was checked, from what Pawl itself saw."""
    at = (run.instruction.head or run.instruction.base)[:12]
    said = [f"The words are {code(found.author, 100)}'s, about {code(at)}; every cited line was checked to be there."]
    if found.dropped:
        said.append(
            f"Left out, because they do not hold: {len(found.dropped)} {'citation' if len(found.dropped) == 1 else 'citations'}."
        )
    money = "an unknown price" if found.usage.money is None else f"{found.usage.money:.4f} USD"
    said.append(f"Run {code(run.id)}, {found.usage.input + found.usage.output:,} tokens, {money}.")
    return f"<sub>{' '.join(said)}</sub>"
