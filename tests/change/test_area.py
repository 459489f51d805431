"""What a path alone tells about a file."""

from __future__ import annotations

import pytest

from bot.change.area import Area, area, is_lock, is_manifest, sensitive


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("pkg/core.py", Area.SOURCE),
        ("tests/test_core.py", Area.TESTS),
        ("pkg/test_core.py", Area.TESTS),
        ("pkg/core_test.py", Area.TESTS),
        ("conftest.py", Area.TESTS),
        ("tests/data/table.json", Area.TESTS),
        ("pkg/testimony.py", Area.SOURCE),
        ("docs/index.rst", Area.DOCS),
        ("LICENSE", Area.DOCS),
        ("pyproject.toml", Area.SETTINGS),
        (".gitignore", Area.SETTINGS),
        ("mypy.ini", Area.SETTINGS),
        ("picture.png", Area.OTHER),
        ("requirements.txt", Area.SETTINGS),
    ],
)
def test_area(path: str, kind: Area) -> None:
    assert area(path) is kind


@pytest.mark.parametrize(
    ("path", "topic"),
    [
        ("app/auth/session.py", "authentication"),
        ("app/user_login.py", "authentication"),
        ("app/author.py", ""),
        ("lib/crypto.py", "cryptography"),
        ("shop/payments/card.py", "payments"),
        ("shop/migrations/0001_first.py", "migrations"),
        (".github/workflows/ci.yml", "workflows"),
        ("sub/.gitlab-ci.yml", "workflows"),
        ("policies/scope.rego", "policies"),
        (".github/pawl.yml", "policies"),
        ("Dockerfile", "infrastructure"),
        ("infra/main.tf", "infrastructure"),
        ("docker-compose.yml", "infrastructure"),
        ("requirements/base.txt", "dependencies"),
        ("uv.lock", "dependencies"),
        ("tests/auth/test_login.py", ""),
        ("docs/deployment.md", ""),
        ("pkg/core.py", ""),
    ],
)
def test_sensitive(path: str, topic: str) -> None:
    assert sensitive(path) == topic


def test_manifests_and_lock_files() -> None:
    assert all(
        map(
            is_manifest,
            [
                "pyproject.toml",
                "a/setup.cfg",
                "requirements-dev.txt",
                "dev-requirements.in",
                ".requirements/run.in",
                "constraints.txt",
            ],
        )
    )
    assert all(map(is_lock, ["uv.lock", "poetry.lock", "Pipfile.lock", "pylock.toml"]))
    assert not is_manifest("my_requirements_parser.py")
    assert not is_lock("lock.py")
