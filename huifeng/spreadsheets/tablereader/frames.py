"""Messages from the child to the parent: four bytes of length, then marshal.

marshal is three times faster than pickle here. It must not be fed by strangers; these bytes come from a process we
started ourselves, through a pipe nobody else holds.

Messages, in order: ("sheet", name, visible, hidden rows, hidden columns, uncached), any number of
("rows", numbers, rows), again "sheet" …, then ("end",). ("refused", code, where) may come at any point and is the last.
"""

import marshal
import os
import struct

from .limits import MAX_FRAME

type Message = tuple  # type: ignore[type-arg]

HEAD = struct.Struct(">I")
_WITHOUT_REFERENCES = 2  # marshal's version that does not look for repeated objects: faster on both sides


def send(fd: int, message: Message) -> int:
    """Write `message` whole; its size in bytes."""
    body = marshal.dumps(message, _WITHOUT_REFERENCES)
    left = memoryview(HEAD.pack(len(body)) + body)
    while left:
        left = left[os.write(fd, left) :]
    return len(body)


def size_of(head: bytes | bytearray) -> int | None:
    """The length of the body that follows, or None when it cannot be one of ours."""
    size: int = HEAD.unpack(head)[0]
    return size if 0 < size <= MAX_FRAME else None


def message_in(body: bytes | bytearray) -> Message | None:
    """The message, or None when the body is not one."""
    try:
        message = marshal.loads(body)  # noqa: S302 (from our own child, see above)
    except (ValueError, EOFError, TypeError):
        return None
    return message if isinstance(message, tuple) and message else None
