"""The text of a source file, as Python itself would read it: by its byte-order mark, its coding line (PEP 263), else as UTF-8."""

from __future__ import annotations

import io
import tokenize


def decoded(raw: bytes) -> str | None:
    """Return a file's text with its line ends as they are; None where it is not in the encoding that it names."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
        return raw.decode(encoding)
    except (SyntaxError, ValueError, LookupError):  # an unknown encoding, or bytes that are none of it
        return None


def encoded(path: str, text: str) -> bytes:
    """Return a file's bytes: of Python in the encoding that its own coding line names where that can hold it, else UTF-8."""
    plain = text.encode()
    if not path.endswith((".py", ".pyi")):
        return plain
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(plain).readline)
        return text.encode(encoding)
    except (SyntaxError, ValueError, LookupError):
        return plain
