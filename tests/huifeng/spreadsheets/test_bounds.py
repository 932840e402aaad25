"""What reading costs: memory and time of hostile files, and time of a large honest one."""

import gc
import json
import os
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import psutil
import pytest
from python_calamine import CalamineWorkbook

from huifeng.spreadsheets.reading import opened
from huifeng.spreadsheets.tablereader.limits import MB
from tests.huifeng.spreadsheets.bombs import BOMBS, bomb
from tests.huifeng.spreadsheets.files import child_processes, with_rows, with_strings, xlsx

# A fresh process, because a peak never falls: what is measured is the worst of all bombs. Its own peak comes from
# /proc, as getrusage counts what pytest had taken when it started this process.
REFUSE_ALL = """
import json, resource, sys, time
from pathlib import Path
from huifeng.spreadsheets.reading import Refused, opened
seconds = {}
for path in map(Path, sys.argv[1:]):
    content, start = path.read_bytes(), time.monotonic()
    try:
        with opened(content) as sheets:
            for sheet in sheets:
                for row in sheet.rows:
                    pass
    except Refused:
        seconds[path.name] = time.monotonic() - start
own = next(line.split()[1] for line in Path("/proc/self/status").open() if line.startswith("VmHWM"))
print(json.dumps([seconds, int(own), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))
"""


def test_all_bombs_together_take_less_than_300_mb_and_a_few_seconds_each(tmp_path: Path) -> None:
    for name in BOMBS:
        (tmp_path / name).write_bytes(bomb(name))

    done = subprocess.run(
        [sys.executable, "-c", REFUSE_ALL, *sorted(map(str, tmp_path.iterdir()))],
        capture_output=True,
        check=True,
    )

    seconds, own, child = json.loads(done.stdout)
    assert set(seconds) == set(BOMBS)
    assert max(seconds.values()) < 10, seconds
    assert (own + child) * 1024 < 300 * MB, (own, child)


def test_the_child_may_take_memory_only_in_proportion_to_what_the_file_holds() -> None:
    with opened(xlsx(*[["x" * 50] * 20] * 2000)) as sheets:
        next(sheets)
        (child,) = child_processes()

        assert child.rlimit(psutil.RLIMIT_AS)[0] < 160 * MB
        assert child.rlimit(psutil.RLIMIT_CPU)[0] <= 6


@pytest.mark.skipif(os.environ.get("TEST_ALL") != "1", reason="takes a minute of a quiet machine")
def test_100_000_rows_take_hardly_longer_than_calamine_alone() -> None:
    content = _roster(100_000, 24)

    ratios = [_seconds(lambda: _all_rows(content)) / _seconds(lambda: _calamine(content)) for _ in range(5)]

    assert min(ratios) < 1.25, ratios


def _all_rows(content: bytes) -> list[object]:
    with opened(content) as sheets:
        return [row for sheet in sheets for row in sheet.rows]


def _calamine(content: bytes) -> list[object]:
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()  # type: ignore[no-any-return]


def _seconds(call) -> float:  # type: ignore[no-untyped-def]
    gc.collect()
    start = time.perf_counter()
    result = call()
    seconds = time.perf_counter() - start
    del result
    return seconds


def _roster(rows: int, columns: int) -> bytes:
    """Like a real one: a number and shared texts, a quarter of them different in every row."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:columns]
    texts = [f"青岛市市南区第{n}号" for n in range(rows * columns // 4)]
    lines = []
    for n in range(1, rows + 1):
        cells = "".join(
            f'<c r="{letter}{n}" s="0" t="s"><v>{(n * columns + x) * 7919 % len(texts)}</v></c>'
            for x, letter in enumerate(letters[1:])
        )
        lines.append(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c>{cells}</row>')
    return with_strings(
        with_rows("".join(lines)), "".join(f"<si><t>{text}</t></si>" for text in texts).encode()
    )
