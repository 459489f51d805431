"""A launch on its way from Pawl to the keeper that carries it out, as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.sandbox.sandbox import Launch, Layer, Limits


@dataclass(frozen=True)
class Order:
    """A launch, the layer to use, and the helper program it needs."""

    layer: Layer
    launch: Launch
    bwrap: str = ""

    def to_json(self) -> bytes:
        """Return the order without ``stdin``, which travels as a descriptor."""
        launch = self.launch
        return json.dumps(
            {
                "layer": self.layer.value,
                "bwrap": self.bwrap,
                "command": launch.command,
                "workspace": str(launch.workspace),
                "read": [str(each) for each in launch.read],
                "write": [str(each) for each in launch.write],
                "env": dict(launch.env),
                "limits": asdict(launch.limits),
            }
        ).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Order:
        """Read what :meth:`to_json` wrote."""
        raw = json.loads(text)
        launch = Launch(
            command=tuple(raw["command"]),
            workspace=Path(raw["workspace"]),
            read=tuple(Path(each) for each in raw["read"]),
            write=tuple(Path(each) for each in raw["write"]),
            env=raw["env"],
            limits=Limits(**raw["limits"]),
        )
        return cls(Layer(raw["layer"]), launch, raw["bwrap"])
