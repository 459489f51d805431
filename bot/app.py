"""The composition root: the only place where everything is built and joined. Doors call it; it thinks nothing for itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import demo as demo_files
from bot import engines, gates, logs, settings, stages
from bot.config import PLACES, Config, load, schema
from bot.consulting import consulting
from bot.engine import Engine
from bot.errors import Hindered, InputError, NoIsolation, Refused
from bot.evidence.bundle import require_free
from bot.evidence.publish import get_ready, write
from bot.evidence.record import Record
from bot.evidence.statement import Seal, load_seal
from bot.forges.local import LocalForge, open_repository
from bot.gate import Gate
from bot.history import History
from bot.ids import NodeId, RepoName, RunId, Sha, new_run_id
from bot.languages.python import PYTHON
from bot.llm.asking import NO_ENGINE, NOBODY, Asker
from bot.mutation.mutation import KillMatrix
from bot.mutation.request import lines_of_change, lines_of_place
from bot.plan.intent import MOST_CHARACTERS, clean, resolve_verb
from bot.recording import record_of
from bot.registry import plugins
from bot.reply import Done
from bot.run import FINAL, WORKED, EngineChoice, Inquiry, Instruction, Run, Verb
from bot.runners.local import LocalRunner
from bot.sandbox import foreground
from bot.sandbox.probe import examine, find_sandbox
from bot.sandbox.sandbox import Launch, Limits, Sandbox
from bot.settings import Settings
from bot.stage import Progress, Stage, Tools
from bot.store.store import Store, open_store
from bot.worker import Worker
from bot.workshop import Workshop

if TYPE_CHECKING:
    from bot.forges.github import GitHubForge

MOST_BYTES = 4 * MOST_CHARACTERS
"""Most bytes of an instruction that are read: four a character is UTF-8's longest."""
STALE = timedelta(seconds=20)
"""Twice a lease: who has not renewed one by then is gone."""

_log = logs.get(__name__)


@dataclass(frozen=True)
class Wish:
    """What ``pawl run`` was asked for."""

    text: str
    repo: Path
    base: str = "HEAD"
    engine: EngineChoice = EngineChoice.AUTO
    tests: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    resume: str = ""
    out: Path | None = None
    inquiry: Inquiry | None = None
    """A question about the code instead of a change."""


@dataclass(frozen=True)
class Breakage:
    """What ``pawl mutate`` was asked for: lines changed between two commits, or ``FILE[:FIRST-LAST]`` at HEAD."""

    repo: Path
    base: str
    head: str
    path: str
    tests: tuple[str, ...] = ()


def decode(data: bytes, name: str) -> str:
    """Return an instruction's text; raises InputError where it is no text or too long."""
    if len(data) > MOST_BYTES:
        raise InputError(f"{name} is larger than {MOST_BYTES:,} bytes: say it shorter")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{name} is not UTF-8 text: give the instruction as text") from None


def read_text(file: Path) -> str:
    """Return an instruction kept in a file."""
    try:
        with file.open("rb") as opened:
            return decode(opened.read(MOST_BYTES + 1), str(file))
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror}): name a text file") from None


def sandbox_of(found: Settings) -> Sandbox | None:
    """Return the isolating layer, or None where nothing untrusted may run; the gates that need it then say so."""
    if found.sandbox == "none":
        return None
    try:
        return find_sandbox()
    except NoIsolation:
        return None


async def config_of(forge: LocalForge | GitHubForge, base: Sha) -> tuple[Config, str]:
    """Return the configuration on the base commit and where it came from."""
    for place in PLACES:
        text = await forge.text(base, place)
        if text is not None:
            return load(text, place, plugins(gates, Gate)), place
    return Config(), "defaults"


@dataclass(frozen=True)
class Shop:
    """What every command on a repository needs."""

    settings: Settings
    forge: LocalForge
    seal: Seal

    def workshop(self, config: Config, progress: Progress) -> Workshop:
        isolation = sandbox_of(self.settings)
        if isolation is not None and (advice := examine().why_not()):
            progress(f"sandbox: {isolation.layer}; {advice}")
        return Workshop(self.forge, isolation, self.settings.cache, config, progress)

    def tools(self, shop: Workshop, history: History, record: Callable[[], Any], out: Path, asker: Asker | None = None) -> Tools:
        return Tools(
            forge=self.forge,
            runner=LocalRunner(),
            config=shop.config,
            history=history,
            lay_out=shop.lay_out,
            lab=shop.lab,
            engines=plugins(engines, Engine),
            gates=plugins(gates, Gate),
            record=record,
            out=out,
            seal=self.seal,
            progress=shop.progress,
            seed=shop.seed,
            asker=asker,
        )


def open_shop(repo: Path) -> Shop:
    """Return what every command on the repository needs; raises InputError where it is none, or Pawl has no place of its own."""
    found = settings.load()
    logs.configure(found.log_level, found.log_form)
    forge = open_repository(repo)
    _make(found.home, "PAWL_HOME")
    _make(found.cache, "PAWL_CACHE")
    return Shop(found, forge, load_seal(found.home / "keys/seal.pem"))


def _make(folder: Path, variable: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = f"{folder} cannot be made ({error.strerror}): mend that, or set {variable} to another place"
        raise InputError(why) from error


async def run(wish: Wish, progress: Progress) -> Done:
    """Take a wish all the way: received, planned, specified, changed, checked, proposed.

    Raises:
        UserError: it could not even be begun; the message is one sentence.
    """
    start = time.monotonic()
    shop = open_shop(wish.repo)
    if wish.out is not None:
        require_free(wish.out.absolute(), wish.resume)
    progress("store")
    async with open_store(shop.settings) as store, consulting(shop.settings, store.completions) as models:
        run_ = await _receive(wish, shop, store)
        progress(f"run {run_.id}")
        asyncio.get_running_loop().run_in_executor(None, get_ready)
        config, _ = await config_of(shop.forge, run_.instruction.base)
        out = (wish.out or shop.settings.home / "runs" / run_.id / "evidence").absolute()
        async with shop.workshop(config, progress) as workshop, models.asking(run_, config) as asker:

            async def tools_for(claimed: Run) -> Tools:
                history = await store.history(claimed.id)

                async def record() -> Record:
                    return await record_of(claimed, await store.history(claimed.id), config, workshop, store)

                return shop.tools(workshop, history, record, out, asker)

            worker = Worker(store, tools_for, {each.state: each for each in plugins(stages, Stage).values()})
            ended = await worker.drive(run_.id)
            history = await store.history(ended.id)
            bundle = (
                history.sealed.bundle if history.sealed else await _partial(ended, history, config, workshop, store, shop, out)
            )
            spending = await store.completions.by_author(ended.id)
        return Done(ended, history, bundle, time.monotonic() - start, spending)


async def _partial(  # noqa: PLR0913, PLR0917 - what is left of a run that ended early
    ended: Run, history: History, config: Config, workshop: Workshop, store: Store, shop: Shop, out: Path
) -> str | None:
    """Keep the evidence of a run that ended before it was sealed, where there is room for it."""
    if ended.state not in FINAL or ended.instruction.inquiry or Done(ended, history, None, 0.0).bad_input:
        return None
    record = await record_of(ended, history, config, workshop, store)
    try:
        return str((await asyncio.to_thread(write, record, out, shop.seal)).directory)
    except Hindered as error:
        _log.warning("the evidence of a run that ended early could not be kept", run=ended.id, why=str(error))
        return None


async def cancel(repo: Path, run_id: str) -> Run:
    """Give a run up: a worker on it stops, and the repository is free for another."""
    shop = open_shop(repo)
    async with open_store(shop.settings) as store:
        return await store.cancel(RunId(run_id), "cancelled by the person who asked", shop.forge.person() or "local")


async def _receive(wish: Wish, shop: Shop, store: Store) -> Run:
    """Return the run to work on: a new one, one to go on with, or a new one that takes an old one's wish and the answers."""
    if wish.resume:
        old = await store.get(RunId(wish.resume))
        if Path(old.instruction.repo) != shop.forge.root:
            raise InputError(
                f"run {old.id} belongs to {old.instruction.repo}: resume it there with --repo {old.instruction.repo}"
            )
        if not wish.answers:
            return old
        answers = old.instruction.answers + wish.answers
        return await store.create(replace(old.instruction, answers=answers), new_run_id())
    if wish.inquiry is not None:
        return await _receive_question(wish, wish.inquiry, shop, store)
    if not wish.text.strip():
        raise InputError("the instruction is empty: say what to change, or go on with an earlier run by --resume ID")
    verb = resolve_verb(wish.text)
    if wish.engine is EngineChoice.MODEL and not shop.settings.endpoints:
        raise Refused(NO_ENGINE)
    shop.forge.require_clean()
    instruction = Instruction(
        verb=verb,
        text=await store.mending(wish.text, shop.forge.name),
        repo=shop.forge.name,
        base=await shop.forge.resolve(wish.base),
        engine=wish.engine,
        tests=tuple(NodeId(each) for each in wish.tests),
        answers=wish.answers,
        requester=shop.forge.person() or "local",
    )
    await _give_up_stale(store, instruction.repo)
    return await store.create(instruction, new_run_id())


async def _receive_question(wish: Wish, inquiry: Inquiry, shop: Shop, store: Store) -> Run:
    """Return the run that answers a question; raises Refused where no model is there to answer it."""
    if not shop.settings.endpoints:
        raise Refused(NOBODY)
    text = clean(wish.text) if wish.text.strip() or inquiry is not Inquiry.DEBUG else ""
    base = await shop.forge.resolve(wish.base)
    person = shop.forge.person() or "local"
    question = Instruction(Verb.FIX, text, shop.forge.name, base, requester=person, inquiry=inquiry)
    return await store.create(question, new_run_id(), alone=False)


async def _give_up_stale(store: Store, repo: RepoName) -> None:
    """Give up what nobody has worked on for longer than a lease: a run that was killed must not lock the repository."""
    for each in await store.listed(repo, most=5):
        idle = datetime.now(UTC) - each.updated
        if each.run.state in WORKED and not each.at_work and idle > STALE:
            await store.cancel(each.run.id, "left unfinished, and another run was asked for", "local")


async def mutate(wish: Breakage, progress: Progress) -> KillMatrix:
    """Mutate the lines in question at the head and judge the mutants."""
    shop = open_shop(wish.repo)
    head = await shop.forge.resolve(wish.head or "HEAD")
    config, _ = await config_of(shop.forge, head)
    async with shop.workshop(config, progress) as workshop:
        lines = await _lines(wish, shop.forge, head, await workshop.lay_out(head))
        lab = await workshop.lab(head)
        root = await workshop.lay_out(head)
        tests = tuple(NodeId(each) for each in wish.tests)
        progress("mutate")
        return await asyncio.to_thread(lambda: lab.kill_matrix(root, lines, tests, every_killer=True))


async def _lines(wish: Breakage, forge: LocalForge, head: Sha, root: Path) -> dict[str, frozenset[int]]:
    """Return which lines to mutate, by path."""
    if bool(wish.path) == bool(wish.base):
        raise InputError("name either --base REV (and --head REV) or --path FILE[:FIRST-LAST]: one says what to mutate")
    if wish.path:
        return await asyncio.to_thread(lines_of_place, root, wish.path)
    found = lines_of_change(await forge.change(await forge.resolve(wish.base), head), PYTHON.is_source)
    if not found:
        raise InputError(f"no line of code differs between {wish.base} and {wish.head or 'HEAD'}: there is nothing to mutate")
    return found


def sandbox(command: tuple[str, ...], workspace: Path, read: tuple[Path, ...], write_to: tuple[Path, ...], limits: Limits) -> int:
    """Run a person's command in isolation and return its exit code."""
    return foreground.run_command(Launch(command, workspace.absolute(), read, write_to, limits=limits))


def config_schema() -> dict[str, Any]:
    """Return the JSON schema of ``.github/pawl.yml``."""
    return schema()


async def settings_in_force(repo: Path, base: str) -> dict[str, Any]:
    """Return the configuration of a commit and where it comes from."""
    forge = open_repository(repo)
    config, source = await config_of(forge, await forge.resolve(base))
    return {"source": source, **config.model_dump(mode="json")}


def demo_project(directory: Path | None) -> Wish:
    """Make the demo's project and return the wish that it is made for."""
    found = settings.load()
    place = directory or found.home / "demo" / new_run_id()
    return Wish(demo_files.ISSUE, demo_files.make_project(place.absolute()))
