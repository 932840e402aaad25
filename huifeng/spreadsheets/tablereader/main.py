"""The child's life: take limits upon itself, read the file from standard input, send messages, end."""

import gc
import os
import resource
import sys
from collections.abc import Iterator

from . import kinds, texts
from .frames import Message, send
from .limits import MAX_FILE, MAX_ROWS, MAX_UNPACKED, cpu_seconds_for, memory_for
from .refusals import Unreadable

_STDIN, _STDOUT = 0, 1
_XLS_HOLDS = 4  # a packed number takes 6 bytes of an .xls and 24 in memory


def main() -> None:
    """Send the whole table, or as the last message why not. The parent ends this process in any case."""
    gc.disable()  # only plain values, no cycles; collecting takes a third of the time
    try:
        _bound(MAX_FILE)
        with open(_STDIN, "rb", closefd=False) as file:
            content = file.read(MAX_FILE + 1)
        last: Message = _send_table(content)
    except Unreadable as no:
        last = ("refused", no.code, no.where)
    except MemoryError:
        last = ("refused", "spread_out", "")
    except BrokenPipeError:  # the parent has left
        os._exit(1)
    except BaseException:  # calamine's panics too
        last = ("refused", "damaged", "")
    send(_STDOUT, last)
    os._exit(0)  # without tidying up hundreds of megabytes


def _send_table(content: bytes) -> Message:
    sent = rows = 0
    for message in _messages(content):
        sent += send(_STDOUT, message)
        if message[0] == "rows":
            rows += len(message[1])
        if rows > MAX_ROWS:
            raise Unreadable("too_many_rows")
        if sent > MAX_UNPACKED:
            raise Unreadable("too_large")
    if not rows:
        raise Unreadable("empty")
    return ("end",)


def _messages(content: bytes) -> Iterator[Message]:
    """The table in messages. Nothing native sees a file that has not been looked through before."""
    if len(content) > MAX_FILE:
        raise Unreadable("too_large")
    if not content:
        raise Unreadable("empty")
    kind = kinds.kind_of(content)
    if kind == "text":
        return texts.messages(content)
    from . import workbooks  # 20 ms less where no workbook is read

    if kind == "ole":
        kinds.check_ole(content)
        _bound(_XLS_HOLDS * len(content))
        return workbooks.messages(content, list)
    from . import parts, zipped

    infos = zipped.parts_of(content)
    _bound(zipped.unpacked_size(infos))
    if kinds.kind_of_parts(map(parts.plain_name, infos)) == "ods":
        parts.check_document(content, infos)
        return workbooks.messages(content, list)
    return workbooks.messages(content, parts.Workbook(content, infos).check_sheets)


def _bound(unpacked: int) -> None:
    """Let the kernel hold this process to what reading `unpacked` bytes may cost. macOS cannot bound memory."""
    seconds = cpu_seconds_for(unpacked)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(
            resource.RLIMIT_AS, (memory_for(unpacked), resource.getrlimit(resource.RLIMIT_AS)[1])
        )
