"""A process that has everything imported and forks Celery programs, so that a killed one is replaced in a moment.

Each line of its input is a JSON list: the file of the log, and the arguments of `celery`. It answers with the pid,
which leads a process group of its own. When its input ends, it kills them all.
"""

import contextlib
import importlib
import json
import os
import signal
import sys

import django

django.setup()

from huifeng.celery import app  # noqa: E402

app.loader.import_default_modules()
app.finalize()
importlib.import_module("tests.faults.sync_pace")  # for beats, which include nothing


def fork(log: str, arguments: list[str]) -> int:
    child = os.fork()
    if child == 0:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.argv = ["celery", *arguments]
        app.start(arguments)
        os._exit(0)
    return child


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    children = []
    for line in sys.stdin:
        children.append(fork(*json.loads(line)))
        print(children[-1], flush=True)
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)


if __name__ == "__main__":
    main()
