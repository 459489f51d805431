"""The sandbox as the rest of Pawl sees it: run to the end, stream, or converse, by one layer."""

from __future__ import annotations

import io
import os
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Self

from bot.errors import Fatal, InputError
from bot.sandbox.launcher import STDERR, STDOUT, ZYGOTE, End, Process, Sink, Zygote, in_memory
from bot.sandbox.order import Order
from bot.sandbox.sandbox import Completed, Launch, Layer

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer


@dataclass(frozen=True)
class Isolated:
    """A sandbox by one layer; see :class:`~bot.sandbox.sandbox.Sandbox`."""

    layer: Layer
    bwrap: str = ""
    zygote: Zygote = field(default=ZYGOTE, repr=False, compare=False)

    def run(self, launch: Launch) -> Completed:
        """Run to the end.

        Raises:
            InputError: a path in the launch cannot be shown.
            Fatal: the sandbox could not be set up; nothing was run.
        """
        streams = {STDOUT: bytearray(), STDERR: bytearray()}
        end = self.stream(launch, in_memory(launch.stdin), lambda number, data: streams[number].extend(data))
        return Completed(end.code, end.ended, bytes(streams[STDOUT]), bytes(streams[STDERR]), end.seconds)

    def stream(self, launch: Launch, stdin: int, sink: Sink) -> End:
        """Run to the end with the descriptor ``stdin`` (closed here) as input, handing output on as it comes."""
        process = Process(Order(self.layer, launch, self.bwrap), stdin, self.zygote)
        try:
            return process.pump((STDOUT, STDERR), sink)
        finally:
            process.close()

    def converse(self, launch: Launch) -> Talk:
        """Start and keep the pipes open.

        Raises:
            InputError: a path in the launch cannot be shown, or there is input for it.
        """
        if launch.stdin:
            raise InputError("a conversation takes its input through the pipe, not with the launch")
        theirs, ours = os.pipe()
        try:
            return Talk(Process(Order(self.layer, launch, self.bwrap), theirs, self.zygote), ours)
        except BaseException:
            os.close(ours)
            raise


class _Counted(io.RawIOBase):
    """The command's output, counted against its limit as it is read; past the limit it ends."""

    def __init__(self, process: Process) -> None:
        super().__init__()
        self._process = process
        self._pipe = io.FileIO(process.take_stdout(), "rb")

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._pipe.fileno()

    def readinto(self, buffer: Buffer, /) -> int:
        return self._process.count(self._pipe.readinto(buffer) or 0)

    def close(self) -> None:
        self._pipe.close()
        super().close()


class Talk:
    """A running launch and its pipes; see :class:`~bot.sandbox.sandbox.Conversation`."""

    def __init__(self, process: Process, stdin: int) -> None:
        """Listen, in a thread, to what the process complains of and to how it ends."""
        self._process = process
        self._complaints = bytearray()
        self._completed: Completed | None = None
        self._failure: Fatal | None = None
        self.stdin: BinaryIO = io.BufferedWriter(io.FileIO(stdin, "wb"))
        self.stdout: BinaryIO = io.BufferedReader(_Counted(process))
        self._listener = threading.Thread(target=self._listen, name="sandbox-stderr", daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        try:
            end = self._process.pump((STDERR,), lambda _number, data: self._complaints.extend(data))
        except Fatal as error:
            self._failure = error
        else:
            self._completed = Completed(end.code, end.ended, b"", bytes(self._complaints), end.seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        self._process.kill()
        self._listener.join()
        self._process.close()
        for pipe in (self.stdin, self.stdout):
            try:
                pipe.close()
            except OSError:  # what was still to be written has no reader any more
                continue

    def close(self) -> Completed:
        """Kill what still runs and say how it ended.

        Raises:
            Fatal: the sandbox could not be set up; nothing was run.
        """
        self._end()
        if self._completed is None:
            raise self._failure or Fatal("the sandbox's keeper went away without an answer")
        return self._completed
