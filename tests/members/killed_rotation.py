"""A process that changes keys and is killed (SIGKILL) just before it writes its second batch of people.

python -m tests.members.killed_rotation DATABASE JOB
"""

import os
import signal
import sys
from typing import Any

import django
from django.db import connection


def main(database: str, job: int) -> None:
    connection.settings_dict["NAME"] = database
    from huifeng.jobs import running
    from huifeng.keys import rotation
    from huifeng.rowscope.scope import as_program

    rotation.BATCH = 2
    write, done = rotation._write, []

    def write_or_die(table: Any, changed: Any) -> None:
        if table.label == "members_people.Retiree" and changed:
            if done:
                os.kill(os.getpid(), signal.SIGKILL)
            done.append(table)
        write(table, changed)

    rotation._write = write_or_die
    with as_program("a worker"):
        running.run(job)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    main(sys.argv[1], int(sys.argv[2]))
