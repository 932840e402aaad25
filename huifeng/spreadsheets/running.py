"""Starting the child that reads a table, listening to it, and ending it whatever happens."""

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from huifeng.spreadsheets.tablereader import limits
from huifeng.spreadsheets.tablereader.frames import HEAD, Message, message_in, size_of
from huifeng.spreadsheets.words import Refused, refusal

_CHILD = Path(__file__).with_name("child.py")
_PIPE = 2**20  # bytes the child may be ahead of us; the usual 64 KB make it wait
# No secret of ours, and one memory arena: each further one would count as 64 MB against the child's limit.
_ENVIRONMENT = {"LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "1"}


class Child:
    """One process that reads one file. `with Child(content) as child: child.receive()`."""

    def __init__(self, content: bytes):
        with tempfile.TemporaryFile() as file:  # has no name on the disk, or loses it at once
            file.write(content)
            file.seek(0)
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(_CHILD)],
                stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_ENVIRONMENT, cwd="/", bufsize=0,
            )  # fmt: skip
        assert self._process.stdout is not None
        self._pipe = self._process.stdout.fileno()
        _widen(self._pipe)
        self._poll = select.poll()  # select() cannot take the numbers above 1,023 of a busy server
        self._poll.register(self._pipe, select.POLLIN)
        self._waited = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the child, also in the middle of its work, and wait until it is gone."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def receive(self) -> Message:
        """The next message, never "refused". Raises Refused, also when the child dies or says what is no message."""
        size = size_of(self._exactly(HEAD.size))
        message = message_in(self._exactly(size)) if size else None
        if message is None:
            raise refusal("damaged")
        if message[0] == "refused":
            raise refusal(message[1], message[2])
        return message

    def _exactly(self, size: int) -> bytearray:
        got = bytearray(size)
        view, filled = memoryview(got), 0
        while filled < size:
            self._wait()
            count = os.readv(self._pipe, [view[filled:]])
            if not count:
                raise self._death()
            filled += count
        return got

    def _wait(self) -> None:
        """Until there is something to read. Only our waiting counts: the child may wait for a slow consumer."""
        start = time.monotonic()
        ready = self._poll.poll(max(0.0, limits.MAX_WAIT - self._waited) * 1000)
        self._waited += time.monotonic() - start
        if not ready:
            raise refusal("too_slow")

    def _death(self) -> Refused:
        """Why the child ended without a last word: the kernel's time limit, or memory it did not get."""
        self._process.kill()  # a dead one keeps its reason; one that only fell silent must not keep us
        reasons = {-signal.SIGXCPU: "too_slow", -signal.SIGABRT: "spread_out"}
        return refusal(reasons.get(self._process.wait(), "damaged"))


def _widen(pipe: int) -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # the kernel allows each user only so much
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
