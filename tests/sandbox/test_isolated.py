from __future__ import annotations

import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.errors import Fatal, InputError
from bot.sandbox.isolated import Isolated
from bot.sandbox.launcher import SetupFailed
from bot.sandbox.sandbox import Ended, Launch, Layer, Limits

if TYPE_CHECKING:
    from tests.sandbox.conftest import Jail


@pytest.fixture
def workspace(jail: Jail) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="pawl-work-"))
    (folder / "data.txt").write_text("data")
    give(jail, folder)
    yield folder
    shutil.rmtree(folder)


def give(jail: Jail, *folders: Path) -> None:
    """Let the folders belong to whom Pawl's side of the sandbox runs as."""
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            if os.geteuid() == 0:
                os.chown(path, jail.uid, jail.uid, follow_symlinks=False)


def shell(script: str, workspace: Path, **more: object) -> Launch:
    return Launch(("/bin/sh", "-c", script), workspace, **more)  # type: ignore[arg-type]


def test_streams_and_code_come_back(jail: Jail, workspace: Path) -> None:
    done = jail.sandbox.run(shell("cat; echo out; echo err >&2; exit 7", workspace, stdin=b"in\n"))
    assert (done.code, done.ended, done.stdout, done.stderr) == (7, Ended.EXITED, b"in\nout\n", b"err\n")
    assert done.seconds >= 0


def test_large_streams_do_not_block(jail: Jail, workspace: Path) -> None:
    done = jail.sandbox.run(shell("cat", workspace, stdin=b"x" * 3_000_000))
    assert len(done.stdout) == 3_000_000


@pytest.mark.parametrize(
    ("script", "code"), [("kill -9 $$", 137), ("kill -15 $$", 143), ("exec /no/such", 127), ("exec /etc", 126), ("exit 255", 255)]
)
def test_ends_have_the_codes_of_a_shell(jail: Jail, workspace: Path, script: str, code: int) -> None:
    assert jail.sandbox.run(shell(script, workspace)).code == code


def test_a_command_that_does_not_exist_is_127(jail: Jail, workspace: Path) -> None:
    done = jail.sandbox.run(Launch(("no-such-program",), workspace))
    assert (done.code, done.ended) == (127, Ended.EXITED)
    assert b"not found" in done.stderr


def test_the_environment_is_what_was_given(jail: Jail, workspace: Path) -> None:
    done = jail.sandbox.run(shell("env", workspace, env={"COLOUR": "grün = 1", "LANG": "C"}))
    found = dict(line.split("=", 1) for line in done.stdout.decode().splitlines())
    assert found.keys() - {"PWD", "OLDPWD", "SHLVL", "_"} == {"PATH", "HOME", "LANG", "TMPDIR", "COLOUR"}
    assert (found["COLOUR"], found["LANG"], found["PATH"]) == ("grün = 1", "C", "/usr/local/bin:/usr/bin:/bin")


def test_the_workspace_is_a_copy_at_its_own_path(jail: Jail, workspace: Path) -> None:
    script = f"pwd; cat {workspace}/data.txt; echo changed > {workspace}/data.txt; echo x > new; cat {workspace}/data.txt"
    done = jail.sandbox.run(shell(script, workspace))
    place, content = done.stdout.decode().split("\n", 1)
    assert content == "datachanged\n"
    assert place == str(workspace) or jail.restricted
    assert {each.name: each.read_text() for each in workspace.iterdir()} == {"data.txt": "data"}


def test_two_launches_see_nothing_of_each_other(jail: Jail, workspace: Path) -> None:
    leave = "echo x > left; echo x > $HOME/left; echo x > $TMPDIR/left"
    look = "cat left $HOME/left $TMPDIR/left"
    jail.sandbox.run(shell(leave, workspace))
    assert jail.sandbox.run(shell(look, workspace)).stdout == b""


@pytest.mark.parametrize("place", ["home", "tmp", "var"])
def test_the_workspace_may_lie_anywhere(jail: Jail, place: str) -> None:
    parents = {
        "home": Path("/root" if jail.uid == 0 else tempfile.gettempdir()),
        "tmp": Path("/dev/shm"),
        "var": Path("/var/tmp"),
    }
    folder = Path(tempfile.mkdtemp(dir=parents[place]))
    try:
        (folder / "data.txt").write_text("data")
        give(jail, folder)
        assert jail.sandbox.run(shell(f"cat {folder}/data.txt", folder)).stdout == b"data"
    finally:
        shutil.rmtree(folder)


def test_a_linked_workspace_is_shown_under_both_names(jail: Jail, workspace: Path) -> None:
    link = workspace.with_name(workspace.name + "-link")
    link.symlink_to(workspace)
    try:
        done = jail.sandbox.run(shell(f"cat {link}/data.txt", link))
    finally:
        link.unlink()
    assert done.stdout == b"data"


def test_read_shows_folders_and_files_but_not_for_writing(jail: Jail, workspace: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        shown = Path(name)
        shown.chmod(0o755)
        (shown / "file").write_text("shown")
        (shown / "hidden").write_text("hidden")
        give(jail, shown)
        whole = jail.sandbox.run(
            shell(f"cat {shown}/file; echo x > {shown}/file; echo x > {shown}/more", workspace, read=(shown,))
        )
        part = jail.sandbox.run(shell(f"cat {shown}/file {shown}/hidden", workspace, read=(shown / "file",)))
        assert sorted(each.name for each in shown.iterdir()) == ["file", "hidden"]
        assert (shown / "file").read_text() == "shown"
    assert whole.stdout == b"shown"
    assert part.stdout == b"shown"


def test_read_shows_what_only_its_owner_may_read(jail: Jail, workspace: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        shown = Path(name)
        (shown / "private").write_text("shown")
        (shown / "private").chmod(0o600)
        give(jail, shown)
        done = jail.sandbox.run(shell(f"cat {shown}/private", workspace, read=(shown,)))
    assert done.stdout == b"shown"


def test_a_folder_shown_inside_the_workspace_is_not_copied(jail: Jail, workspace: Path) -> None:
    inside = workspace / ".venv"
    inside.mkdir()
    (inside / "file").write_text("shown")
    give(jail, workspace)
    done = jail.sandbox.run(shell(f"cat {inside}/file; echo x > {inside}/file", workspace, read=(inside,)))
    if not jail.restricted:
        assert done.stdout == b"shown"
    assert (inside / "file").read_text() == "shown"


def test_write_lets_changes_through(jail: Jail, workspace: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        lent = Path(name)
        give(jail, lent)
        launch = shell(f"echo changed > {lent}/file; chmod 4755 {lent}/file; mkdir {lent}/folder", workspace, write=(lent,))
        if jail.name == "restricted-dropped":
            with pytest.raises(SetupFailed, match="ordinary user"):
                jail.sandbox.run(launch)
            return
        jail.sandbox.run(launch)
        assert (lent / "file").read_text() == "changed\n"
        assert {each.stat().st_uid for each in lent.iterdir()} == {jail.uid}
        assert (lent / "file").stat().st_mode & 0o7000 == 0


@pytest.mark.parametrize(
    ("workspace", "read", "says"),
    [
        (Path("/no/such"), (), "is not a directory"),
        (Path("/etc/passwd"), (), "is not a directory"),
        (Path("tests"), (), "absolute path"),
        (Path("/"), (), "below /"),
        (Path("/usr/../usr"), (), "without .."),
        (Path("/usr"), (Path("/no/such"),), "does not exist"),
        (Path("/usr"), (Path("/"),), "below /"),
    ],
)
def test_what_cannot_be_shown_is_refused(workspace: Path, read: tuple[Path, ...], says: str) -> None:
    with pytest.raises(InputError, match=says):
        Isolated(Layer.RESTRICTED).run(Launch(("/bin/true",), workspace, read))


def test_a_failing_set_up_runs_nothing_and_says_why(jail: Jail, workspace: Path) -> None:
    broken = Isolated(jail.sandbox.layer, "/bin/false", jail.sandbox.zygote)
    if not jail.restricted:
        with pytest.raises(SetupFailed, match="before the command started"):
            broken.run(shell("echo x", workspace))
    with pytest.raises(Fatal):
        Isolated(Layer.BUBBLEWRAP, "/no/such", jail.sandbox.zygote).run(shell("echo x", workspace))


def test_many_at_once(jail: Jail, workspace: Path) -> None:
    def one(number: int) -> bytes:
        return jail.sandbox.run(shell(f"echo {number} > number; cat number", workspace)).stdout

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(24))) == [f"{number}\n".encode() for number in range(24)]


def test_every_launch_is_recorded(jail: Jail, workspace: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="pawl.sandbox"):
        jail.sandbox.run(shell("exit 3", workspace))
    (record,) = caplog.records
    said = vars(record)
    assert (said["command"], said["layer"]) == (("/bin/sh", "-c", "exit 3"), jail.sandbox.layer.value)
    assert (said["ended"], said["code"], said["limits"]) == ("exited", 3, Limits())


def test_a_conversation_goes_back_and_forth(jail: Jail, workspace: Path) -> None:
    script = 'while read line; do echo "heard $line"; echo noted >&2; done; exit 5'
    with jail.sandbox.converse(shell(script, workspace)) as talk:
        for word in (b"one", b"two"):
            talk.stdin.write(word + b"\n")
            talk.stdin.flush()
            assert talk.stdout.readline() == b"heard " + word + b"\n"
        talk.stdin.close()
        assert talk.stdout.read() == b""
        time.sleep(0.5)  # its output ends a moment before it does
        done = talk.close()
    assert (done.code, done.ended, done.stdout, done.stderr) == (5, Ended.EXITED, b"", b"noted\nnoted\n")


def test_a_conversation_that_is_left_is_killed(jail: Jail, workspace: Path) -> None:
    with jail.sandbox.converse(shell("echo ready; sleep 600", workspace)) as talk:
        assert talk.stdout.readline() == b"ready\n"
        done = talk.close()
    assert (done.ended, done.code) == (Ended.KILLED, 137)
    assert talk.close() == done


def test_a_conversation_has_limits(jail: Jail, workspace: Path) -> None:
    with jail.sandbox.converse(shell("sleep 600", workspace, limits=Limits(seconds=0.1))) as talk:
        assert talk.stdout.read() == b""
        assert talk.close().ended is Ended.TIMED_OUT
    with jail.sandbox.converse(shell("yes", workspace, limits=Limits(output=1))) as talk:
        assert len(talk.stdout.read()) <= 1 << 20
        assert talk.close().ended is Ended.OUTPUT_LIMIT


def test_writing_to_somebody_who_is_gone_is_an_error_not_a_death(jail: Jail, workspace: Path) -> None:
    with jail.sandbox.converse(shell("exit 0", workspace)) as talk:
        assert talk.stdout.read() == b""
        with pytest.raises(BrokenPipeError):
            talk.stdin.write(b"x" * 10_000_000)


def test_a_conversation_takes_no_input_beforehand(jail: Jail, workspace: Path) -> None:
    with pytest.raises(InputError, match="through the pipe"):
        jail.sandbox.converse(shell("cat", workspace, stdin=b"x"))
    with pytest.raises(InputError, match="not a directory"):
        jail.sandbox.converse(shell("cat", Path("/no/such")))


def test_a_conversation_whose_set_up_fails_says_why(jail: Jail, workspace: Path) -> None:
    broken = Isolated(Layer.BUBBLEWRAP, "/no/such", jail.sandbox.zygote)
    with broken.converse(shell("echo x", workspace)) as talk:
        assert talk.stdout.read() == b""
        time.sleep(0.5)  # as above
        with pytest.raises(Fatal):
            talk.close()
