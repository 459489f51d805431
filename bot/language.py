"""What a language must offer so that Pawl can judge changes to it: one adapter per language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Language:
    """An adapter as its file registers it. Paths are relative to the repository, with forward slashes."""

    name: str
    detects: Callable[[Path], bool]
    """Whether a repository has code of this language."""
    is_source: Callable[[str], bool]
    """Code that is neither test nor configuration."""
    is_test: Callable[[str], bool]
    is_manifest: Callable[[str], bool]
    """Manifests and lock files of dependencies."""
    is_test_setting: Callable[[str], bool]
    """Files that could switch tests off: ``conftest.py``, ``pytest.ini``, ``tox.ini``…"""
