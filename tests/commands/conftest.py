"""A room to say commands in, and a proposal to say them of."""

from tests.commands.proposed import proposed
from tests.commands.room import room
from tests.github.hosted import hub

__all__ = ["hub", "proposed", "room"]
