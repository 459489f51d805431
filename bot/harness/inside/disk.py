"""A variant's files on the sandbox's own disk, for as long as they are needed, and the base's text again afterwards."""

from __future__ import annotations

import io
import os
import tokenize
from typing import Any, Self


def _encoded(text: str) -> bytes:
    """Return the bytes of a text in the encoding that its own coding line names, else as UTF-8."""
    plain = text.encode("utf-8")
    try:
        return text.encode(tokenize.detect_encoding(io.BytesIO(plain).readline)[0])
    except (SyntaxError, ValueError, LookupError):
        return plain


class Disk:
    """A context manager that lays a variant's patches over the project's files."""

    def __init__(self, root: str, patches: list[dict[str, Any]]) -> None:
        self._root = root
        self._patches = patches
        self._before: list[tuple[str, bytes | None, Any]] = []

    def __enter__(self) -> Self:
        for patch in self._patches:
            path = os.path.join(self._root, patch["path"])  # noqa: PTH118 - pathlib would slow the hot path
            try:
                with open(path, "rb") as file:  # noqa: PTH123
                    old, times = file.read(), os.stat(path)  # noqa: PTH116
            except OSError:
                old, times = None, None
                os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
            self._before.append((path, old, times))
            encoding = tokenize.detect_encoding(io.BytesIO(old or b"").readline)[0]
            lines = (old or b"").decode(encoding).split("\n")
            text = "\n".join(lines[: patch["first"]] + patch["text"] + lines[patch["last"] :])
            self._write(path, _encoded(text))
            if times is not None:
                # A compiled file is recognised by size and by seconds of its source's time: neither may fit the variant.
                os.utime(path, (times.st_atime + 1000, times.st_mtime + 1000))
        return self

    def __exit__(self, *_: object) -> None:
        for path, old, times in reversed(self._before):
            if old is None:
                os.unlink(path)  # noqa: PTH108
                continue
            self._write(path, old)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        self._before = []

    @staticmethod
    def _write(path: str, content: bytes) -> None:
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(content)
