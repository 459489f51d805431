"""Issues: what stands in them, and labels put on and taken off."""

from __future__ import annotations

import pytest

from bot.github import issues
from bot.github.errors import NotFound
from tests.github.hosted import Hosted


async def test_an_issue_is_read_and_labelled(hosted: Hosted) -> None:
    number = hosted.owner.open_issue(hosted.name, "Broken", "It `breaks`.")
    found = await issues.issue(hosted.repo, number)
    assert (found.number, found.title, found.body, found.user_id) == (number, "Broken", "It `breaks`.", hosted.owner.id)
    assert (found.state, found.pull, found.labels) == ("open", False, ())
    await issues.add_labels(hosted.repo, number, "needs-human", "a/b c?")
    assert (await issues.issue(hosted.repo, number)).labels == ("needs-human", "a/b c?")
    await issues.remove_label(hosted.repo, number, "a/b c?")
    await issues.remove_label(hosted.repo, number, "a/b c?")
    assert (await issues.issue(hosted.repo, number)).labels == ("needs-human",)


async def test_there_is_no_such_issue(hosted: Hosted) -> None:
    with pytest.raises(NotFound, match="/issues/4711"):
        await issues.issue(hosted.repo, 4711)
