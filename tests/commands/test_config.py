"""``/pawl config``."""

from __future__ import annotations

from tests.commands.room import Room


async def test_config_tells_where_each_setting_comes_from(room: Room) -> None:
    await room.say("reader", "/pawl config")
    (said,) = room.said()
    assert "From `.github/pawl.yml` on the default branch." in said
    assert "| `trust` | `1` | .github/pawl.yml |" in said.replace("\\", "")
    assert "| `mutation.threshold` | `0.9` | .github/pawl.yml |" in said.replace("\\", "")
    assert "| `mutation.most` | `200` | default |" in said
