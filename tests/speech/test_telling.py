"""What people are told of a run, word for word, and nothing a stranger wrote comes out as mark-up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cmarkgfm
import pytest
from selectolax.lexbor import LexborHTMLParser

from bot.change.change import Change, Edits
from bot.change.risk import Risk, RiskLevel
from bot.engine import Question, Reading
from bot.evidence.markdown import MOST
from bot.gate import Finding, failed, passed
from bot.history import Changed, Checked, History
from bot.ids import InstallationId, PullNumber, RepoName, RunId, Sha
from bot.llm.asking import Duty, Usage
from bot.llm.spending import Spending
from bot.plan.plan import Plan, Step
from bot.policy.decision import Decision
from bot.run import FINAL, Instruction, Origin, Run, State, Verb
from bot.speech.telling import REACTIONS, STICKY, Told, ended, question, steps, sticky

SNAPSHOTS = Path(__file__).with_name("snapshots")
BASE, HEAD = Sha("a" * 40), Sha("b" * 40)
HOSTILE = (
    '<img src=x onerror="alert(1)"> @octocat [x](https://evil.example) # head\n/pawl fix `a`` <!-- --> | a | https://evil.example'
)
WISH = Instruction(
    Verb.FIX,
    "price is wrong",
    RepoName("acme/shop"),
    BASE,
    requester="mona",
    door="github",
    origin=Origin(InstallationId(1), 2, 3, 4, 5),
)
RUN = Run(RunId("01ARZ3NDEKTSV4RRFFQ69G5FAV"), WISH, State.PLANNING, reason="taken up")
PLAN = Plan(Verb.FIX, "price is wrong", (Step("repair", "code.repair", {}, acceptance=("every witness passes",)),))
BY_MODEL = Changed("model", HEAD, Edits((), "so it is"), author="openai:one")
QUESTION = Question("price(3)", (Reading("A", Edits((), "n + n"), "6"), Reading("B", Edits((), "n * n"), "9")))


def checked(*deny: str, require: tuple[str, ...] = (), summary: str = "3 tests failed") -> Checked:
    gates = (passed("lint", "nothing new"), failed("tests", summary, (Finding("shop.py", 2, summary, "broken"),)))
    change = Change(BASE, HEAD, (), "")
    return Checked(change, gates, Risk(RiskLevel.LOW, 5, ()), Decision(not deny, deny, require))


def told(state: State, reason: str, history: History | None = None, **more: object) -> Told:
    return Told(replace(RUN, state=state, reason=reason, **more), history or History(plan=PLAN), 12.4)  # type: ignore[arg-type]


CASES = {
    "sticky_planning": lambda: sticky(told(State.PLANNING, "taken up", History())),
    "sticky_changing": lambda: sticky(told(State.CHANGING, "spec locked: 1 witness, 2 guards", round=2)),
    "sticky_waiting": lambda: sticky(
        replace(
            told(
                State.AWAITING_APPROVAL,
                "proven; still missing: an approval by a maintainer",
                History(plan=PLAN, checked=checked()),
            ),
            pull=PullNumber(12),
            link="https://github.com/o/r/actions/runs/77",
        )
    ),
    "sticky_refused": lambda: sticky(told(State.REFUSED, "no trustworthy spec: no example. Add one such as `price(3) == …`.")),
    "sticky_by_models": lambda: sticky(
        replace(
            told(State.CHECKING, "a change satisfies the spec", History(plan=PLAN, changed=BY_MODEL)),
            spending=(
                Spending(Duty.CHANGE_AUTHOR, "openai:one", Usage(12_000, 345, 0, 0.1, 2), 1),
                Spending(Duty.CRITIC, "anthropic:two", Usage(1_000, 100, 0, 0.05, 1), 1),
            ),
        )
    ),
    "ended_done": lambda: ended(replace(told(State.DONE, "merged as `bbbbbbb`"), pull=PullNumber(12))),
    "ended_refused": lambda: ended(
        told(State.REFUSED, "the proof is not there: tests failed", History(checked=checked("tests failed")))
    ),
    "ended_failed": lambda: ended(told(State.FAILED, "Fatal while changing: the log has it whole under run 01ARZ3")),
    "ended_waiting": lambda: ended(
        replace(
            told(
                State.AWAITING_APPROVAL,
                "proven; still needed: one approval",
                History(checked=checked(require=("one approval by a maintainer",))),
            ),
            pull=PullNumber(12),
        )
    ),
    "ended_planned": lambda: ended(
        Told(replace(RUN, state=State.CANCELLED, instruction=replace(WISH, plan_only=True)), History(plan=PLAN))
    ),
    "question": lambda: question(QUESTION),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_said_in_these_words(name: str) -> None:
    file = SNAPSHOTS / f"{name}.md"
    text = CASES[name]().rstrip() + "\n"
    if not file.exists():
        file.write_text(text, encoding="utf-8")
        pytest.fail(f"{file.name} was not there: read what was written, and keep it if it is right")
    assert text == file.read_text(encoding="utf-8")


def test_every_snapshot_is_of_a_case() -> None:
    assert {each.stem for each in SNAPSHOTS.glob("*.md")} == set(CASES)


@pytest.mark.parametrize("state", State)
def test_what_a_stranger_wrote_is_only_text(state: State) -> None:
    hostile = replace(RUN, state=state, reason=HOSTILE, instruction=replace(WISH, text=HOSTILE, requester=HOSTILE))
    plan = replace(PLAN, goal=HOSTILE, steps=(replace(PLAN.steps[0], acceptance=(HOSTILE,)),))
    asked = Question(HOSTILE, (Reading("A", Edits((), HOSTILE), HOSTILE), Reading("B", Edits((), ""), "2")))
    judged = checked(HOSTILE, require=(HOSTILE,), summary=HOSTILE)
    for changed in (None, Changed("search", None, None, question=asked)):
        spent = (Spending(Duty.CRITIC, f"a:{HOSTILE}", Usage(calls=1), 1),)
        known = Told(hostile, History(plan=plan, changed=changed, checked=judged), 1.0, spending=spent)
        texts = [sticky(known)] if state not in FINAL | {State.AWAITING_APPROVAL} else [sticky(known), ended(known)]
        for text in texts:
            tree = LexborHTMLParser(cmarkgfm.github_flavored_markdown_to_html(text))
            assert not tree.css("img, a, [onerror]")
            for node in tree.css("pre, code, script"):
                node.decompose()
            assert tree.body is not None
            assert "@octocat" not in tree.body.html.replace("<!-- -->", "\0")  # type: ignore[union-attr]
            assert "evil.example" not in "".join(each.attributes.get("href") or "" for each in tree.css("*"))


def test_the_longest_texts_still_fit() -> None:
    plan = replace(PLAN, steps=tuple(replace(PLAN.steps[0], id=f"s{at}", acceptance=("x" * 500,) * 20) for at in range(20)))
    known = Told(replace(RUN, state=State.REFUSED, reason="y" * 100_000), History(plan=plan, checked=checked(*["z" * 3000] * 50)))
    assert len(sticky(known)) <= MOST
    assert len(ended(known)) <= MOST
    assert sticky(known).startswith(STICKY)


def test_every_step_of_a_run_has_its_box_and_one_is_set_off() -> None:
    for state in (State.PLANNING, State.SPECIFYING, State.CHANGING, State.CHECKING, State.PROPOSING, State.MERGING):
        text = sticky(told(state, ""))
        assert text.count("- [") == 7
        assert text.count("⬅ now") == 1
    judging = replace(RUN, instruction=replace(WISH, head=HEAD), state=State.CHECKING)
    assert [each[1] for each in steps(judging)] == ["Gates", "Evidence", "Approvals"]


def test_no_reaction_stands_for_two_readings() -> None:
    assert len(set(REACTIONS.values())) == len(REACTIONS)
    assert not {"eyes", "confused", "-1"} & set(REACTIONS.values())
