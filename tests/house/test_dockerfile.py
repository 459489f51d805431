"""The Dockerfile, linted, and its steps walked in a plain directory: what it copies is there and is enough to run."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import Settings

ROOT = Path(__file__).parents[2]
Step = tuple[str, str]


def steps() -> list[Step]:
    """Return the instructions and what stands after each, continued lines joined and comments left out."""
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if line.strip() and not line.lstrip().startswith("#"))
    found = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in found)]


def of(name: str) -> list[str]:
    return [rest for each, rest in steps() if each == name]


def copies() -> list[tuple[list[str], str]]:
    """Return what is copied from the build's context, and where to."""
    split = [shlex.split(each) for each in of("COPY") if not each.startswith("--from")]
    return [(words[:-1], words[-1]) for words in split]


def environment() -> dict[str, str]:
    pairs = [part.partition("=") for each in of("ENV") for part in shlex.split(each)]
    return {name: value for name, _, value in pairs}


def test_only_known_instructions_stand_there_and_it_begins_with_one_that_may() -> None:
    known = {
        "FROM",
        "RUN",
        "COPY",
        "ENV",
        "USER",
        "WORKDIR",
        "VOLUME",
        "EXPOSE",
        "STOPSIGNAL",
        "HEALTHCHECK",
        "ENTRYPOINT",
        "CMD",
    }
    assert {name for name, _ in steps()} <= known
    assert steps()[0][0] == "FROM"


def test_images_are_slim_and_of_one_named_version() -> None:
    assert len({each.partition(" ")[0] for each in of("FROM")}) == 1
    for each in of("FROM"):
        assert re.fullmatch(r"python:3\.\d+-slim-[a-z]+( AS [a-z]+)?", each), each


def test_what_runs_is_not_root_and_says_how_it_is() -> None:
    order = [name for name, _ in steps()]
    assert of("USER") == ["10001"]
    assert order.index("USER") > max(at for at, name in enumerate(order) if name in {"RUN", "COPY"})
    assert len(of("HEALTHCHECK")) == len(of("ENTRYPOINT")) == len(of("CMD")) == 1
    assert of("STOPSIGNAL") == ["SIGTERM"]


def test_commands_are_lists_so_that_signals_arrive() -> None:
    for each in (*of("ENTRYPOINT"), *of("CMD"), of("HEALTHCHECK")[0].partition("CMD ")[2]):
        assert all(isinstance(word, str) for word in json.loads(each))


def test_packages_are_pinned_and_lists_are_not_kept() -> None:
    (pip,) = [each for each in of("RUN") if "pip install" in each]
    assert "--require-hashes" in pip
    for each in (each for each in of("RUN") if "apt-get install" in each):
        assert "--no-install-recommends" in each
        assert "rm -rf /var/lib/apt/lists/*" in each
    assert not [each for each in of("RUN") if re.search(r"curl|wget|sudo|ADD ", each)]


def test_no_secret_is_baked_in() -> None:
    assert not [name for name in environment() if re.search("KEY|SECRET|TOKEN|PASSWORD|DATABASE", name)]


def test_the_environment_is_one_that_pawl_reads() -> None:
    aliases = {str(field.validation_alias) for field in Settings.model_fields.values()}
    assert {name for name in environment() if name.startswith("PAWL_")} <= aliases
    assert str(environment()["PAWL_PORT"]) in of("EXPOSE")


def test_what_is_ignored_is_not_copied() -> None:
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").split() if line.startswith("!")]
    assert {each for sources, _ in copies() for each in sources} == set(allowed)


@pytest.fixture
def laid_out(tmp_path: Path) -> Path:
    """A plain directory with everything that is copied, and nothing else."""
    for sources, target in copies():
        for each in sources:
            source = ROOT / each
            place = tmp_path / target.lstrip("/")
            if source.is_dir():
                shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                place = place / source.name if target.endswith("/") else place
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, place)
    return tmp_path


def inside(laid_out: Path, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(laid_out / "opt/pawl"), "HOME": str(cwd), "PAWL_HOME": str(cwd)}
    return subprocess.run([sys.executable, *words], cwd=cwd, env=kept, capture_output=True, text=True, check=False)


def test_what_is_copied_is_enough_to_run(laid_out: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("home")
    version = inside(laid_out, *json.loads(of("ENTRYPOINT")[0])[1:], "--version", cwd=home)
    assert version.stdout.startswith("pawl "), version.stderr
    imports = "import bot, bot.installation.setup as s, bot.policy.engine as e, bot.examination.wheel as w"
    code = f"{imports}; s.manifest(); w.own(); print(bot.__file__, len([*e.folder().glob('*.rego')]))"
    found = inside(laid_out, "-c", code, cwd=home)
    assert found.stdout.startswith(str(laid_out)), found.stderr
    assert int(found.stdout.split()[-1]) > 10


def test_the_health_check_asks_the_server() -> None:
    words = json.loads(of("HEALTHCHECK")[0].partition("CMD ")[2])
    ended = subprocess.run([sys.executable, *words[1:]], env={**os.environ, "PAWL_PORT": "1"}, capture_output=True, check=False)
    assert ended.returncode != 0
