"""Comments and reactions: Pawl's own are found, those of others that look alike are not."""

from __future__ import annotations

import pytest

from bot.github import comments
from bot.github.errors import NotFound
from tests.github.hosted import Hosted

MARKER = "<!-- pawl:sticky -->"


def reactions(hosted: Hosted, path: str) -> list[str]:
    return [each["content"] for each in hosted.double.get(f"/repos/{hosted.name}/{path}/reactions")]


async def test_a_sticky_comment_is_found_again_and_edited(hosted: Hosted) -> None:
    number = hosted.owner.open_issue(hosted.name, "Broken")
    hosted.owner.comments(hosted.name, number, f"{MARKER} I am Pawl, honestly")
    assert await comments.find(hosted.repo, number, MARKER) is None
    made = await comments.create(hosted.repo, number, f"{MARKER}\nat work")
    assert await comments.find(hosted.repo, number, MARKER) == made
    await comments.edit(hosted.repo, made, f"{MARKER}\ndone")
    assert hosted.double.said(hosted.name, number)[1] == f"{MARKER}\ndone"


async def test_a_marker_that_is_only_shown_marks_nothing(hosted: Hosted) -> None:
    number = hosted.owner.open_issue(hosted.name, "Broken")
    await comments.create(hosted.repo, number, f"<!-- pawl:other -->\nA stranger wrote `{MARKER}`.")
    assert await comments.find(hosted.repo, number, MARKER) is None


async def test_a_comment_on_a_later_page_is_found_too(hosted: Hosted) -> None:
    number = hosted.owner.open_issue(hosted.name, "Talk")
    for each in range(101):
        hosted.owner.comments(hosted.name, number, f"word {each}")
    made = await comments.create(hosted.repo, number, MARKER)
    assert await comments.find(hosted.repo, number, MARKER) == made


async def test_a_comment_that_was_deleted_is_gone(hosted: Hosted) -> None:
    number = hosted.owner.open_issue(hosted.name, "Broken")
    made = await comments.create(hosted.repo, number, "x")
    hosted.owner.deletes(hosted.name, made)
    with pytest.raises(NotFound):
        await comments.edit(hosted.repo, made, "y")


async def test_reactions_come_once(hosted: Hosted) -> None:
    number = hosted.owner.open_issue(hosted.name, "Broken")
    comment = hosted.owner.comments(hosted.name, number, "/pawl fix it")
    hosted.owner.reacts(hosted.name, comment, "eyes")
    await comments.react(hosted.repo, comment, "eyes")
    await comments.react(hosted.repo, comment, "eyes")
    await comments.react(hosted.repo, comment, "rocket")
    assert sorted(reactions(hosted, f"issues/comments/{comment}")) == ["eyes", "eyes", "rocket"]
    await comments.react_issue(hosted.repo, number, "-1")
    assert reactions(hosted, f"issues/{number}") == ["-1"]


async def test_a_comment_and_who_reacted_to_it_are_read(hosted: Hosted) -> None:
    number = hosted.owner.open_issue(hosted.name, "Broken")
    comment = hosted.owner.comments(hosted.name, number, "which?")
    hosted.owner.reacts(hosted.name, comment, "rocket")
    await comments.react(hosted.repo, comment, "eyes")
    found = await comments.get(hosted.repo, comment)
    assert found.user is not None
    assert (found.body, found.user.id, found.user.bot, found.created) == ("which?", hosted.owner.id, False, found.updated)
    seen = {(each.content, each.user.id, each.user.bot) for each in await comments.reactions(hosted.repo, comment) if each.user}
    assert seen == {("rocket", hosted.owner.id, False), ("eyes", (await hosted.app.me()).bot_id, True)}
    hosted.owner.deletes(hosted.name, comment)
    with pytest.raises(NotFound):
        await comments.get(hosted.repo, comment)
