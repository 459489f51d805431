"""A mirror: fetched once whoever asks, whole or not at all, bounded in size and time."""

from __future__ import annotations

import asyncio
import fcntl
import os
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import InputError, Refused, Retryable
from bot.git.mirror import Mirror
from bot.ids import Sha
from tests.github.hosted import Hosted, hosted, hub

__all__ = ["hosted", "hub"]


@pytest.fixture
def mirror(hosted: Hosted, tmp_path: Path) -> Mirror:
    async def token(fresh: bool) -> str:
        return await hosted.repo.token(fresh=fresh)

    return Mirror(tmp_path / "copy", f"{hosted.double.url}/{hosted.name}.git", token)


def fetches(hosted: Hosted) -> int:
    asked = [each["path"] for each in hosted.double.traffic("git")]
    return len([path for path in asked if path == f"/{hosted.name}.git/git-upload-pack"])


async def test_what_is_here_is_not_fetched_again(mirror: Mirror, hosted: Hosted) -> None:
    head = Sha(hosted.owner.pushes(hosted.name, {"a": "1"}))
    assert mirror.empty
    assert not await mirror.has(head)
    await mirror.have(head)
    before = fetches(hosted)
    await asyncio.gather(*(mirror.have(head) for _ in range(5)))
    assert fetches(hosted) == before
    assert await mirror.has(head)
    assert mirror.objects.run_of(head) == ""


async def test_many_who_want_the_same_fetch_it_once(mirror: Mirror, hosted: Hosted) -> None:
    head = Sha(hosted.owner.pushes(hosted.name, {"a": "1"}))
    await mirror.have(head)
    once = fetches(hosted)
    other = Sha(hosted.owner.pushes(hosted.name, {"a": "2"}))
    await asyncio.gather(*(mirror.have(other) for _ in range(4)))
    assert fetches(hosted) - once <= once


async def test_another_process_at_work_is_waited_for(mirror: Mirror, hosted: Hosted) -> None:
    head = Sha(hosted.owner.pushes(hosted.name, {"a": "1"}))
    lock = os.open(mirror.folder.with_name("copy.lock"), os.O_CREAT | os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    waiting = asyncio.create_task(mirror.have(head))
    done, _ = await asyncio.wait({waiting}, timeout=0.3)
    assert not done
    assert mirror.empty
    os.close(lock)
    await waiting
    assert await mirror.has(head)


async def test_what_an_interrupted_attempt_left_does_no_harm(mirror: Mirror, hosted: Hosted) -> None:
    head = Sha(hosted.owner.pushes(hosted.name, {"a": "1"}))
    (mirror.folder / "objects").mkdir(parents=True)
    await mirror.have(head)
    assert await mirror.has(head)


@pytest.mark.parametrize("name", ["HEAD", "--upload-pack=touch x", "abc", "g" * 40])
async def test_only_full_names_of_commits_are_asked_for(mirror: Mirror, name: str) -> None:
    with pytest.raises(InputError, match="no commit's full name"):
        await mirror.have(Sha(name))


async def test_a_commit_that_is_not_there_is_said(mirror: Mirror) -> None:
    with pytest.raises(InputError, match="has no 1111111"):
        await mirror.have(Sha("1" * 40))


async def test_a_copy_that_grows_too_large_is_refused(mirror: Mirror, hosted: Hosted) -> None:
    large = {"base64": "".join(os.urandom(3).hex()[:4] for _ in range(100_000))}
    head = Sha(hosted.owner.pushes(hosted.name, {"large": large}))
    with pytest.raises(Refused, match="on disk"):
        await replace(mirror, most_bytes=50_000).have(head)
    assert not await mirror.has(head)
    small = Sha(hosted.owner.pushes(hosted.name, {"large": "now small"}, parent=None, force=True))
    with pytest.raises(Refused):
        await replace(mirror, most_bytes=50_000).have(small)
    await mirror.have(head, small)
    assert not list((mirror.folder / "objects/pack").glob("tmp_*"))


async def test_many_small_packs_are_joined(mirror: Mirror, hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.git.mirror.MOST_PACKS", 3)
    heads = [Sha(hosted.owner.pushes(hosted.name, {"a": str(each)})) for each in range(5)]
    for head in heads:
        await mirror.have(head)
    assert len(list((mirror.folder / "objects/pack").glob("*.pack"))) <= 3
    assert all([await mirror.has(head) for head in heads])
    assert mirror.objects.git("fsck", "--connectivity-only") == b""


async def test_a_fetch_that_takes_too_long_is_ended(mirror: Mirror, hosted: Hosted) -> None:
    head = Sha(hosted.owner.pushes(hosted.name, {"a": "1"}))
    hosted.double.fault("timeout", path=f"/{hosted.name}.git", count=1)
    with pytest.raises(Retryable, match="took longer"):
        await replace(mirror, seconds=0.5).have(head)
    hosted.double.no_faults()
    await mirror.have(head)


async def test_a_host_that_is_not_there_is_worth_another_try(mirror: Mirror, unused_tcp_port: int) -> None:
    gone = replace(mirror, url=f"http://127.0.0.1:{unused_tcp_port}/o/r.git")
    with pytest.raises(Retryable, match="fetching"):
        await gone.have(Sha("1" * 40))


@pytest.mark.parametrize("url", ["ext::sh -c touch% /tmp/x", "file:///etc", "/etc", "ssh://localhost/x"])
async def test_no_other_way_of_fetching_is_open(mirror: Mirror, url: str) -> None:
    with pytest.raises(Retryable, match="not allowed"):
        await replace(mirror, url=url).have(Sha("1" * 40))


async def test_a_token_that_never_opens_it_is_said_once_a_fresh_one_was_tried(mirror: Mirror, hosted: Hosted) -> None:
    hosted.double.change(hosted.name, private=True)
    asked: list[bool] = []

    async def wrong(fresh: bool) -> str:
        asked.append(fresh)
        return "ghs_wrong"

    with pytest.raises(Refused, match="does not open") as caught:
        await replace(mirror, token=wrong).have(Sha("1" * 40))
    assert asked == [False, True]
    assert "ghs_wrong" not in str(caught.value)
