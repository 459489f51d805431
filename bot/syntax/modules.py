"""Which file of a project an import names."""

from __future__ import annotations

from collections.abc import Collection


class Modules:
    """The project's files by the names under which they can be imported."""

    def __init__(self, paths: Collection[str]) -> None:
        self._dotted = {path: dotted(path) for path in sorted(paths) if path.endswith(".py")}
        self._by_last: dict[str, list[str]] = {}
        for path, own in self._dotted.items():
            self._by_last.setdefault(own.rpartition(".")[2], []).append(path)

    def find(self, name: str, importer: str) -> str | None:
        """Return the file that ``name`` means in an import of ``importer``; leading dots make it relative.

        Of several files that end alike, the one at the root or in ``src`` wins, then the importer's neighbour; else None.
        """
        if name.startswith("."):
            name = _absolute(name, importer)
        alike = self._by_last.get(name.rpartition(".")[2], ())
        exact = [path for path in alike if self._dotted[path] == name]
        if exact or not name:
            return next(iter(exact), None)
        ending = [path for path in alike if self._dotted[path].endswith("." + name)]
        preferred = [path for path in ending if self._dotted[path] == f"src.{name}"] or _beside(importer, ending)
        if preferred:
            return preferred[0]
        return ending[0] if len(ending) == 1 else None

    def split(self, qualified: str, importer: str) -> tuple[str, str] | None:
        """Return (file, name inside it) for a dotted name, taking the longest part that is a file; None where there is none."""
        head, _, last = qualified.rpartition(".")
        rest = last
        while head:
            path = self.find(head if head.strip(".") else head + ".", importer)
            if path is not None:
                return path, rest
            head, _, last = head.rpartition(".")
            rest = f"{last}.{rest}"
        return None


def dotted(path: str) -> str:
    """Return a file's dotted name from the repository's root; a package's is that of its folder."""
    return path.removesuffix(".py").removesuffix("/__init__").removesuffix("__init__").replace("/", ".")


def _beside(importer: str, paths: list[str]) -> list[str]:
    """Return those of the paths that lie in the importer's folder or below it; none where that is the root."""
    folder = importer.rpartition("/")[0]
    return [path for path in paths if path.startswith(folder + "/")] if folder else []


def _absolute(name: str, importer: str) -> str:
    """Return what a relative name means from a file; '' where it leads out of the repository."""
    rest = name.lstrip(".")
    dots = len(name) - len(rest)
    parts = importer.split("/")[:-1]
    if dots - 1 > len(parts):
        return ""
    kept = parts[: len(parts) - (dots - 1)]
    return ".".join([*kept, rest] if rest else kept)
