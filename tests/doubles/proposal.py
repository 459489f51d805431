"""A proposal that may be merged, for tests to spoil; and a ballot that answers with whatever it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from bot import gates
from bot.change.change import Change
from bot.change.diff import compare
from bot.change.risk import Risk, RiskFactor, RiskLevel
from bot.config import Config
from bot.errors import UserError
from bot.gate import Gate, passed
from bot.history import Checked, History, Sealed
from bot.ids import Digest, InstallationId, Login, NodeId, PullNumber, RepoName, RunId, Sha
from bot.policy.decision import Decision
from bot.policy.standing import Access, Person, Said, Stand, Standing, Voter
from bot.registry import plugins
from bot.run import Instruction, Origin, Run, State, Verb
from bot.spec.spec import Role, Source, Spec, SpecTest
from bot.stage import Look, Tools

BASE, HEAD, OTHER = Sha("a" * 40), Sha("b" * 40), Sha("c" * 40)
ANN, BOB, EVE = Person(1, Login("ann")), Person(2, Login("bob")), Person(3, Login("eve"))
REPOSITORY = 5
SEVEN = PullNumber(7)
WISH = Instruction(
    Verb.FIX,
    "fix it",
    RepoName("acme/app"),
    BASE,
    requester="ann",
    door="github",
    origin=Origin(InstallationId(9), REPOSITORY, 3, ANN.id),
)
RUN = Run(RunId("01J0000000000000000000000A"), WISH, State.AWAITING_APPROVAL)
WITNESS = SpecTest(NodeId("t.py::t"), Role.WITNESS, Source.EXAMPLE, kept=True, kills=1, reason="kept")
SPEC = Spec((WITNESS,), (), (), Digest("sha256:" + "0" * 64), OTHER, 0.9)
CHECKED = Checked(
    Change(BASE, HEAD, (compare("app.py", "x\n", "y\n"),), ""),
    (passed("tests", "fine"),),
    Risk(RiskLevel.MEDIUM, 20, (RiskFactor("body edited", 20, "x"),)),
    Decision(allow=True),
)
PROVEN = replace(CHECKED, gates=tuple(passed(name, "fine") for name in plugins(gates, Gate)))
"""What every gate there is has passed."""
SEALED = Sealed("bundle", "sha256:" + "1" * 64, "pawl/3-fix-it", SEVEN)
HISTORY = History(spec=SPEC, checked=CHECKED, sealed=SEALED)
READY = Standing(
    SEVEN,
    HEAD,
    "main",
    "main",
    requester=ANN,
    said=(Said(BOB, Stand.APPROVED, HEAD, datetime(2026, 1, 1, tzinfo=UTC)),),
    voters={2: Voter(BOB, Access.MAINTAIN)},
    roster={"maintainer": ("@ann", "@bob")},
)
NO_POLICIES: Mapping[str, str] = {}


@dataclass
class OpenBallot:
    """Shows one standing and remembers what was done about it."""

    standing: Standing | UserError = READY
    config: Config = field(default_factory=Config)
    refusal: UserError | None = None
    successor: RunId | None = None
    done: list[str] = field(default_factory=list)

    async def look(self, _run: Run, _history: History) -> Look:
        if isinstance(self.standing, UserError):
            raise self.standing
        return Look(self.standing, self.config, NO_POLICIES, ("tests",), self.successor)

    async def arm(self, _run: Run, standing: Standing) -> str:
        if self.refusal is not None:
            raise self.refusal
        self.done.append(f"armed {standing.head}")
        return "armed"

    async def disarm(self, _run: Run, _standing: Standing, why: str) -> None:
        self.done.append(f"disarmed: {why}")

    async def vetoed(self, _run: Run, _standing: Standing, by: str) -> None:
        self.done.append(f"vetoed by {by}")

    async def merged(self, _run: Run, _standing: Standing) -> None:
        self.done.append("merged")


def tools(ballot: OpenBallot | None, history: History = HISTORY) -> Tools:
    """Return tools that hold a ballot and a history, and nothing else."""
    none: Any = None
    return Tools(none, none, Config(), history, none, none, {}, {}, none, none, none, none, ballot=ballot)
