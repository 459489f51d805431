"""The command line: parse, call, print; no logic.

Exit codes: 0 proven and allowed, 1 refused, 2 bad usage or input, 3 proven but a person must approve, 70 an internal fault,
141 nobody reads on.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from typer._click.exceptions import ClickException

from bot import VERSION, app, checkup, judgement, logs, show
from bot.errors import Fatal, InputError, PawlError, UserError, hindrance
from bot.examination.paper import Paper
from bot.ids import RepoName
from bot.reply import of_unanswered, of_unaudited, of_unbegun, of_unjudged, of_unmutated
from bot.run import EngineChoice, Inquiry
from bot.sandbox.sandbox import Limits

Reply = Callable[[PawlError], dict[str, Any]]
REPLIES: Mapping[str, Reply] = {
    "run": of_unbegun,
    "gates": of_unjudged,
    "mutate": of_unmutated,
    "ask": of_unanswered,
    "explain": of_unanswered,
    "debug": of_unanswered,
    "audit": of_unaudited,
}
"""What a command's one JSON object is where an error ended it: it has the shape that the command always answers in."""

cli = typer.Typer(
    name="pawl",
    help="Pull requests that prove themselves.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
audit = typer.Typer(help="Check evidence and the ledger.", no_args_is_help=True, rich_markup_mode=None)
cli.add_typer(audit, name="audit")

Repo = Annotated[Path, typer.Option("--repo", metavar="DIR", help="The git repository.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Where the evidence bundle goes.")]
Base = Annotated[str, typer.Option("--base", metavar="REV", help="The commit whose code is asked about.")]
HERE = Path()
UNHEARD = 128 + signal.SIGPIPE
"""How a shell reports a program whose reader went away; 1 would say that Pawl judged and said no."""
_log = logs.get(__name__)
ResultT = TypeVar("ResultT")


@cli.command()
def run(  # noqa: PLR0913 - a command's options are its arguments
    instruction: Annotated[str, typer.Argument(metavar="INSTRUCTION", help="Text, @FILE, or - for standard input.")] = "",
    *,
    repo: Repo = HERE,
    base: Annotated[str, typer.Option(metavar="REV", help="The commit to start from.")] = "HEAD",
    engine: Annotated[EngineChoice, typer.Option(help="Who makes the change; auto: the cheapest that can.")] = EngineChoice.AUTO,
    test: Annotated[list[str] | None, typer.Option(metavar="NODEID", help="A failing test that says what is wanted.")] = None,
    answer: Annotated[list[str] | None, typer.Option(metavar="TEXT", help="An answer to a question: f([3, 1]) == 1")] = None,
    resume: Annotated[str, typer.Option(metavar="ID", help="Go on with an earlier run.")] = "",
    cancel: Annotated[str, typer.Option(metavar="ID", help="Give an earlier run up.")] = "",
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Turn an instruction into a branch that proves itself."""
    if cancel:
        show.cancelled(_call(app.cancel(repo, cancel)), as_json=as_json)
        raise typer.Exit
    wish = app.Wish(_text(instruction), repo, base, engine, tuple(test or ()), tuple(answer or ()), resume, out)
    with show.progress(quiet=as_json) as heard:
        done = _call(app.run(wish, heard))
    show.run(done, as_json=as_json)
    raise typer.Exit(done.exit_code)


@cli.command()
def gates(  # noqa: PLR0913 - as above
    base: Annotated[str, typer.Option(metavar="REV", help="The commit before the change.")] = "",
    head: Annotated[str, typer.Option(metavar="REV", help="The commit to judge.")] = "",
    *,
    repo: Repo = HERE,
    instruction: Annotated[str, typer.Option(metavar="TEXT", help="What was asked for: text, @FILE or -.")] = "",
    gate: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Run only these gates.")] = None,
    subject: Annotated[Path | None, typer.Option(metavar="FILE", help="A paper that says all of this, for runners.")] = None,
    results: Annotated[Path | None, typer.Option(metavar="FILE", help="Where the answers to the paper go.")] = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Judge any change between two commits, whoever wrote it."""
    wish, paper = _judgement(repo, (base, head, _text(instruction), tuple(gate or ())), subject, results, out)
    with show.progress(quiet=as_json) as heard:
        judged = _call(judgement.judge(wish, heard))
    if paper is not None and results is not None:
        judgement.hand_in(paper, judged, results)
    show.gates(judged, as_json=as_json)
    raise typer.Exit(judged.exit_code)


def _judgement(
    repo: Path, said: tuple[str, str, str, tuple[str, ...]], subject: Path | None, results: Path | None, out: Path | None
) -> tuple[judgement.Judgement, Paper | None]:
    """Return what to judge, and the paper it was read from where there is one."""
    base, head, *_ = said
    if subject is None:
        if not base or not head or results is not None:
            raise InputError("name the change by --base REV and --head REV, or by --subject FILE with --results FILE")
        return judgement.Judgement(repo, *said, out), None
    if any(said) or results is None:
        raise InputError("--subject FILE says what is judged: give --results FILE with it, and no other description")
    paper = judgement.read(subject)
    return judgement.of_paper(paper, repo, out), paper


@cli.command()
def mutate(  # noqa: PLR0913 - as above
    *,
    repo: Repo = HERE,
    base: Annotated[str, typer.Option(metavar="REV", help="Mutate the lines changed since this commit …")] = "",
    head: Annotated[str, typer.Option(metavar="REV", help="… up to this one.")] = "",
    path: Annotated[str, typer.Option(metavar="FILE[:FIRST-LAST]", help="Mutate a file, or some lines, at HEAD.")] = "",
    tests: Annotated[list[str] | None, typer.Option(metavar="NODEID", help="Only these tests may kill.")] = None,
    as_json: Json = False,
) -> None:
    """Break code on purpose and see whether the tests notice."""
    wish = app.Breakage(repo, base, head, path, tuple(tests or ()))
    with show.progress(quiet=as_json) as heard:
        matrix = _call(app.mutate(wish, heard))
    show.matrix(matrix, as_json=as_json)
    raise typer.Exit(1 if matrix.why_not else 0)


@cli.command()
def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="Text, @FILE, or - for standard input.")],
    *,
    repo: Repo = HERE,
    base: Base = "HEAD",
    as_json: Json = False,
) -> None:
    """Ask about the code: a language model answers, and every line it cites is checked to be there."""
    _inquire(Inquiry.ASK, question, repo, base, as_json=as_json)


@cli.command()
def explain(
    what: Annotated[str, typer.Argument(metavar="WHAT", help="A file, a function, a line: shop/cart.py:12.")],
    *,
    repo: Repo = HERE,
    base: Base = "HEAD",
    as_json: Json = False,
) -> None:
    """Have a piece of the code explained, every line cited checked to be there."""
    _inquire(Inquiry.EXPLAIN, what, repo, base, as_json=as_json)


@cli.command()
def debug(
    path: Annotated[str, typer.Argument(metavar="[PATH]", help="A file, a folder, or words that say where to look.")] = "",
    *,
    repo: Repo = HERE,
    base: Base = "HEAD",
    as_json: Json = False,
) -> None:
    """Have bugs looked for; each gets an id, and is run to see whether it shows. `pawl run "fix bug:ID"` repairs one."""
    _inquire(Inquiry.DEBUG, path, repo, base, as_json=as_json)


def _inquire(inquiry: Inquiry, words: str, repo: Path, base: str, *, as_json: bool) -> NoReturn:
    wish = app.Wish(_text(words), repo, base, inquiry=inquiry)
    with show.progress(quiet=as_json) as heard:
        done = _call(app.run(wish, heard))
    show.answer(done, as_json=as_json)
    raise typer.Exit(done.exit_code)


@cli.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
def sandbox(  # noqa: PLR0913 - as above
    command: Annotated[list[str], typer.Argument(metavar="-- CMD [ARG]...", help="What to run.")],
    *,
    workspace: Annotated[Path, typer.Option(metavar="DIR", help="Shown as a writable throw-away copy.")] = HERE,
    read: Annotated[list[Path] | None, typer.Option(metavar="DIR", help="Shown read-only.")] = None,
    write: Annotated[list[Path] | None, typer.Option(metavar="DIR", help="Changes in it go through to the host.")] = None,
    seconds: Annotated[float, typer.Option(metavar="N", min=0.01, help="Wall time.")] = 60.0,
    memory: Annotated[int, typer.Option(metavar="MIB", min=1, help="Memory of the whole process tree.")] = 2048,
    disk: Annotated[int, typer.Option(metavar="MIB", min=1, help="Size of the workspace's copy.")] = 512,
    processes: Annotated[int, typer.Option(metavar="N", min=1, help="Most processes at once.")] = 128,
    output: Annotated[int, typer.Option(metavar="MIB", min=1, help="Most output.")] = 16,
) -> None:
    """Run a command in isolation: 124 out of time, 125 no isolation to be had, 137 out of memory, else its own code."""
    limits = Limits(seconds, memory, disk, processes, output)
    raise typer.Exit(app.sandbox(tuple(command), workspace, tuple(read or ()), tuple(write or ()), limits))


@cli.command()
def config(
    *,
    repo: Repo = HERE,
    base: Annotated[str, typer.Option(metavar="REV", help="The commit whose configuration counts.")] = "HEAD",
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON schema of the file instead.")] = False,
) -> None:
    """Show the settings in force and where they come from, as JSON."""
    found = app.config_schema() if schema else _call(app.settings_in_force(repo, base))
    show.print_json(found)


@cli.command()
def doctor(
    repo: Annotated[str, typer.Option("--repo", metavar="OWNER/NAME", help="Whether Pawl is installed safely there.")] = "",
    *,
    ask_models: Annotated[bool, typer.Option("--ask-models", help="Ask each model one tiny question, at its price.")] = False,
) -> None:
    """Say what this machine can do for Pawl, or whether a repository on GitHub is set up safely, and what is missing."""
    report = _call(_inspected(repo) if repo else checkup.doctor(ask_models=ask_models))
    show.doctor(report)
    raise typer.Exit(0 if report.sound else 1)


async def _inspected(repo: str) -> checkup.Checkup:
    from bot.inspection import inspect  # noqa: PLC0415 - GitHub's client, which no other command of a laptop needs

    return await inspect(RepoName(repo))


@cli.command()
def demo(
    directory: Annotated[
        Path | None, typer.Option("--dir", metavar="DIR", help="Where the demo's project is made; must be empty.")
    ] = None,
) -> None:
    """Make a small project with a bug, and fix it with proof, live."""
    wish = app.demo_project(directory)
    show.demo(wish)
    with show.progress(quiet=False) as heard:
        done = _call(app.run(wish, heard))
    show.run(done, as_json=False)
    show.pull_request(done)
    raise typer.Exit(0 if done.exit_code in {0, 3} else done.exit_code)


@cli.command()
def serve(
    *,
    no_work: Annotated[bool, typer.Option("--no-work", help="Only take requests in; `pawl work` elsewhere works.")] = False,
) -> None:
    """Be the GitHub App: take webhooks in, and do the work."""
    from bot import server  # noqa: PLC0415 - the web's libraries cost half a second that other commands need not pay

    _call(server.serve(show.said, work=not no_work), loop=server.LOOP)


@cli.command()
def work() -> None:
    """Do the GitHub App's work, beside any number of others."""
    from bot import server  # noqa: PLC0415 - as above

    _call(server.work(show.said), loop=server.LOOP)


@cli.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    from bot import server  # noqa: PLC0415 - as above

    show.said(f"the database is up to date: {', '.join(_call(server.migrate()))}")


@audit.command()
def verify(
    bundle: Annotated[Path | None, typer.Argument(metavar="[BUNDLE]", help="An evidence bundle; none checks the ledger.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Check a bundle's every byte and its seal, or the whole ledger's chain."""
    found = _call(checkup.verify(bundle))
    show.audit(found, as_json=as_json)
    raise typer.Exit(1 if found.problems else 0)


@cli.callback(invoke_without_command=True)
def version(
    *,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Pull requests that prove themselves."""
    if show_version:
        typer.echo(f"pawl {VERSION}")
        raise typer.Exit


class Interrupted(UserError):
    """The person pressed Ctrl-C."""

    exit_code = 130
    """What a shell expects then: 128 and the signal's number."""


def _text(given: str) -> str:
    """Return the instruction's text: as given, from ``@FILE``, or from standard input for ``-``."""
    if given == "-":
        return app.decode(sys.stdin.buffer.read(app.MOST_BYTES + 1), "standard input")
    return app.read_text(Path(given[1:])) if given.startswith("@") else given


def _call(work: Coroutine[Any, Any, ResultT], loop: Callable[[], asyncio.AbstractEventLoop] | None = None) -> ResultT:
    """Run to the end, on an event loop of one's own."""
    try:
        with asyncio.Runner(loop_factory=loop) as runner:
            return runner.run(work)
    except KeyboardInterrupt:
        raise Interrupted("stopped; what was done so far is kept") from None


def main() -> None:
    """Run the command line; whatever goes wrong, it ends with a sentence, its exit code and one object where JSON was asked for.

    This is the last door: an error that got past here would end with 1, which means that Pawl judged and said no.
    """
    reply = _reply_to(sys.argv[1:])
    try:
        code = cli(prog_name="pawl", standalone_mode=False)
        sys.stdout.flush()
    except (SystemExit, BrokenPipeError) as ended:  # with the former, of 1, click and rich end where nobody reads on
        if isinstance(ended, SystemExit) and ended.code != 1:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still to be flushed
        sys.exit(UNHEARD)
    except ClickException as error:
        error.show()
        _answer(InputError(error.format_message()), reply)
        sys.exit(error.exit_code)
    except PawlError as error:
        _stop(error, reply)
    except Exception as error:  # noqa: BLE001 - as the docstring says
        _stop(hindrance(error) or _broken(error), reply)
    sys.exit(code if isinstance(code, int) else 0)


def _reply_to(arguments: Sequence[str]) -> Reply | None:
    """Return how the command answers in JSON, where that is asked for: before anything is parsed, which may fail, too."""
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return REPLIES.get(own[0]) if "--json" in own else None


def _broken(error: Exception) -> Fatal:
    """Return what a person is told of a fault of Pawl's own; the log has it whole."""
    _log.error("a command failed", exc_info=error)
    return Fatal(f"{type(error).__name__}: Pawl itself is at fault; the lines above say where, please report them")


def _answer(error: PawlError, reply: Reply | None) -> None:
    if reply is not None:
        show.print_json(reply(error))


def _stop(error: PawlError, reply: Reply | None) -> NoReturn:
    _answer(error, reply)
    typer.echo(show.sentence(f"pawl: {error}"), err=True)
    sys.exit(error.exit_code)
