"""``/pawl trust``: it shows what counts, and rises only by what people merge."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.trust import with_trust
from bot.config import Config, load
from bot.decision.ballot import digest_of_configuration
from bot.github import contents, pulls
from tests.commands.room import Room


async def test_it_shows_the_level_and_what_was_lost(room: Room) -> None:
    await room.say("admin", "/pawl trust")
    assert "Trust level **1**" in room.said()[-1]
    digest = await digest_of_configuration(room.hosted.repo)
    await room.store.distrust.lose(room.repository, digest, 1, "c", "run X was rolled back")
    await room.say("admin", "/pawl trust")
    assert "Trust level **0**" in room.said()[-1]
    assert "run X was rolled back" in room.said()[-1]


async def test_another_level_is_a_pull_request(room: Room) -> None:
    for _ in range(2):
        await room.say("admin", "/pawl trust 3")
        assert "it counts once people merge it" in room.said()[-1]
    pull = await pulls.find(room.hosted.repo, "pawl/trust-3")
    assert pull is not None
    assert [each["filename"] for each in await room.hosted.repo.get(f"pulls/{pull.number}/files")] == [".github/pawl.yml"]
    text = await contents.text(room.hosted.repo, ".github/pawl.yml", "pawl/trust-3")
    assert text is not None
    found = load(text, "pawl.yml", ())
    assert (found.trust, found.mutation.threshold) == (3, 0.9)


async def test_only_an_administrator_asks_and_only_for_levels_there_are(room: Room) -> None:
    comment = await room.say("keeper", "/pawl trust 4")
    assert room.reactions(comment) == ["eyes", "-1"]
    await room.say("admin", "/pawl trust 5")
    assert "is no trust level" in room.said()[-1]


@pytest.mark.parametrize(
    "text", ["", "trust: 2\n", "version: 1\ntrust:   1 # old\nscope: {files: 3}\n", "scope:\n  files: 3\n# end"]
)
@given(level=st.integers(0, 4))
def test_the_rest_of_the_file_stays(text: str, level: int) -> None:
    after = with_trust(text, level, "asked for by ann on 2026-11-20")
    before = load(text, "pawl.yml", ())
    assert load(after, "pawl.yml", ()) == Config.model_validate({**before.model_dump(mode="json"), "trust": level})
    assert after != text
