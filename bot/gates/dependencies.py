"""``dependencies``: what comes in is allowed, comes from the index, agrees with the lock file, and has no known vulnerability."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from bot.change.area import is_lock, is_manifest
from bot.change.change import FileChange, FileStatus
from bot.config import Dependencies
from bot.gate import Finding, Gate, GateResult, Severity, Subject, errored, from_findings, not_applicable
from bot.scan.audit import audit
from bot.scan.novelty import Text
from bot.scan.popular import mistaken_for
from bot.scan.requirements import Dependency, Listing, newly, read
from bot.scan.tool import ToolFailed

NAME = "dependencies"
_LOCKS = ("poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock", "pylock.toml")


def judge(subject: Subject) -> GateResult:
    """Compare the manifests and lock files that the change touches."""
    files = [each for each in subject.change.files if is_manifest(each.path) or is_lock(each.path)]
    if not files:
        return not_applicable(NAME, "no manifest or lock file changed")
    sides = [_Side(file, *_both(subject, file)) for file in files]
    findings = _read_off(subject, sides)
    new = [(side.file, each) for side in sides for each in side.new]
    try:
        vulnerable = list(_vulnerable(new))
    except ToolFailed as error:
        if not any(each.severity is Severity.ERROR for each in findings):
            return errored(NAME, str(error))
        vulnerable = [Finding(files[0].path, 1, str(error), "not-audited")]
    told = {(each.path, each.line) for each in findings if each.severity is Severity.ERROR}
    vulnerable += [each for each in _unaudited(subject.config.dependencies, new) if (each.path, each.line) not in told]
    names = sorted({each.name for _file, each in new})
    weak = sorted({each.rule for each in vulnerable} - {"not-audited"})
    head = {"known_vulnerabilities": weak, "asked_about": names}
    return from_findings(NAME, (*findings, *vulnerable), _clean(names), new=names, head=head)


@dataclass(frozen=True)
class _Side:
    """One touched file as it was and as it is."""

    file: FileChange
    base: Listing
    head: Listing

    @property
    def new(self) -> tuple[Dependency, ...]:
        return newly(self.base.dependencies, self.head.dependencies)


def _both(subject: Subject, file: FileChange) -> tuple[Listing, Listing]:
    return _read(subject.base.text, file.old_path or file.path), _read(subject.head.text, file.path)


def _read_off(subject: Subject, sides: list[_Side]) -> list[Finding]:
    """Return all that needs no network."""
    known = {each.name for side in sides for each in side.base.dependencies}
    findings: list[Finding] = []
    for side in sides:
        findings += [*_sources(side), *_looseness(side)]
        for each in side.new:
            findings += _one(subject.config.dependencies, side.file, each, known)
    return [*findings, *_agreement(subject, [side.file for side in sides])]


def _clean(names: list[str]) -> str:
    shown = 8
    if not names:
        return "no dependency comes in or moves"
    return f"{len(names)} new or moved, all allowed and without a known vulnerability: {', '.join(names[:shown])}"


def _read(text: Text, path: str) -> Listing:
    content = text(path)
    return Listing(()) if content is None else read(path, content)


def _sources(side: _Side) -> Iterator[Finding]:
    """Say where packages would come from besides the default index."""
    if side.file.status is not FileStatus.DELETED and not side.head.readable:
        yield Finding(side.file.path, 1, "it cannot be read, so nobody knows what it asks for; mend its syntax", "unreadable")
    known = {address for _line, address in side.base.indexes}
    for line, address in side.head.indexes:
        if address not in known:
            message = f"packages would come from {address}; a person has to allow another index"
            yield Finding(side.file.path, line, message, "index")


def _looseness(side: _Side) -> Iterator[Finding]:
    """Say where a file whose entries all have hashes, or exact versions, takes one in that has none."""
    before = [each for each in side.base.dependencies if not each.locked]
    hashed = bool(before) and all(each.hashed for each in before)
    pinned = bool(before) and all(each.version for each in before)
    for each in (each for each in side.new if not each.locked):
        if hashed and not each.hashed:
            yield Finding(side.file.path, each.line, f"{each.name} has no hash, the others have; add it", "no-hash")
        elif pinned and not each.version and not each.source:
            yield Finding(side.file.path, each.line, f"{each.name} is not pinned, the others are; name one version", "not-pinned")


def _one(rules: Dependencies, file: FileChange, new: Dependency, known: set[str]) -> Iterator[Finding]:
    denied, allowed = ({canonicalize_name(each) for each in names} for names in (rules.denied, rules.allowed))
    if new.name in denied:
        yield Finding(file.path, new.line, f"{new.name} is denied by this repository's configuration", "denied")
    elif allowed and new.name not in allowed:
        yield Finding(file.path, new.line, f"{new.name} is not among the allowed packages", "not-allowed")
    if new.source and not (new.locked and new.source in {".", ""}):
        message = f"{new.name} comes from {new.source} and not from the index: what is there can change unseen"
        yield Finding(file.path, new.line, message, "not-from-index")
    twin = "" if new.name in known or new.name in allowed else mistaken_for(new.name)
    if twin:
        yield Finding(
            file.path, new.line, f"{new.name} could be mistaken for {twin}; is that the package you mean?", "look-alike"
        )


def _agreement(subject: Subject, files: list[FileChange]) -> Iterator[Finding]:
    """A lock file beside a touched manifest lists what the manifest asks for, in a version that it accepts."""
    for folder in sorted({each.path.rpartition("/")[0] for each in files if not is_lock(each.path)}):
        prefix = f"{folder}/" if folder else ""
        for name in _LOCKS:
            lock = subject.head.text(prefix + name)
            manifest = "Pipfile" if name.startswith("Pipfile") else "pyproject.toml"
            wanted = subject.head.text(prefix + manifest)
            if lock is not None and wanted is not None:
                yield from _between(
                    prefix + manifest, read(manifest, wanted), prefix + name, read(name, lock), _build_only(wanted)
                )


def _build_only(text: str) -> set[str]:
    """Return names that only the build asks for: lock files leave them out."""
    with_build, build = read("pyproject.toml", text).dependencies, text.partition("[build-system]")[2].partition("\n[")[0]
    return {
        each.name
        for each in with_build
        if each.name in canonicalize_name(build) and f'"{each.name}' not in text.replace(build, "")
    }


def _between(manifest: str, wanted: Listing, lock: str, locked: Listing, unlocked: set[str]) -> Iterator[Finding]:
    there = {each.name: each for each in locked.dependencies}
    if not locked.readable:
        return
    for each in wanted.dependencies:
        found = there.get(each.name)
        if found is None and each.name not in unlocked:
            yield Finding(manifest, each.line, f"{each.name} is not in {lock}; lock again", "lock")
        elif found is not None and found.version and not each.accepts(found.version):
            yield Finding(
                manifest, each.line, f"{each.name} {each.spec} does not accept {found.version} of {lock}; lock again", "lock"
            )


def _vulnerable(new: list[tuple[FileChange, Dependency]]) -> Iterator[Finding]:
    pins = {(each.name, each.version): (file, each) for file, each in new if each.version and not each.source}
    for found in audit(pins):
        file, each = pins[found.package, found.version]
        mend = f"take {' or '.join(found.fixed_in)}" if found.fixed_in else "no version mends it yet"
        yield Finding(file.path, each.line, f"{found.package} {found.version} has {found.id}: {found.about}; {mend}", found.id)


def _unaudited(rules: Dependencies, new: list[tuple[FileChange, Dependency]]) -> Iterator[Finding]:
    """Say which packages come in with no exact version to look up; those that the configuration allows by name may."""
    allowed = {canonicalize_name(each) for each in rules.allowed}
    exact = {each.name for _file, each in new if each.version and not each.source}
    for file, each in new:
        if each.version or each.source or each.name in exact:
            continue
        message = f"no exact version of {each.name} is named, so known vulnerabilities cannot be looked up: {_PIN}"
        severity = Severity.WARNING if each.name in allowed else Severity.ERROR
        yield Finding(file.path, each.line, message, "not-audited", severity)


_PIN = "write name==version, lock it in a lock file, or name it in dependencies.allowed of .github/pawl.yml"


GATE = Gate(NAME, "allowed and pinned dependencies, the lock file agrees, no known vulnerability", judge)
