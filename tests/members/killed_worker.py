"""A worker in a process of its own that is killed (SIGKILL) with a reorganisation half done.

python -m tests.members.killed_worker DATABASE JOB
"""

import os
import signal
import sys

import django
from django.db import connection


def die(*said: object) -> dict[str, int]:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def main(database: str, job: int) -> None:
    connection.settings_dict["NAME"] = database
    from huifeng.jobs import running
    from huifeng.rowscope.scope import as_program
    from members.units import registry

    registry.on_people_moved.insert(0, die)
    with as_program("a worker"):
        running.run(job)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    main(sys.argv[1], int(sys.argv[2]))
