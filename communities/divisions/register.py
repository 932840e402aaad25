"""Reading the register: code, name, level and parent_code, as csv. Nothing is written here."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from huifeng.errors import RuleBroken

from .models import Division

DATA = Path(__file__).parent / "data"
QINGDAO = DATA / "qingdao.csv"
LEVELS = {
    "province": Division.Level.PROVINCE,
    "city": Division.Level.CITY,
    "county": Division.Level.DISTRICT,
    "town": Division.Level.STREET,
    "village": Division.Level.COMMUNITY,
}
MOST_ERRORS_SHOWN = 10


@dataclass(frozen=True)
class Row:
    """One place of the register."""

    code: str
    name: str
    level: Division.Level
    parent_code: str

    @property
    def is_virtual(self) -> bool:
        """Made for statistics (README of the data): nobody lives in it."""
        return self.level == Division.Level.COMMUNITY and self.code.endswith(("498", "598"))


def read_register(file: TextIO) -> list[Row]:
    """The rows of a register file. Raises RuleBroken naming the first bad lines; a parent must be in the
    file.
    """
    rows, errors, seen = [], [], set[str]()
    for line, cells in enumerate(csv.DictReader(file), start=2):
        code, level = (cells.get("code") or "").strip(), LEVELS.get((cells.get("level") or "").strip())
        if len(code) != 12 or not code.isdecimal() or not code.isascii():
            errors.append(f"第{line}行：代码应为12位数字")
        elif code in seen:
            errors.append(f"第{line}行：代码{code}重复")
        elif level is None:
            errors.append(f"第{line}行：级别应为 {' '.join(LEVELS)} 之一")
        elif not (name := (cells.get("name") or "").strip()) or len(name) > 60:
            errors.append(f"第{line}行：名称应为1至60字")
        else:
            seen.add(code)
            rows.append(Row(code, name, level, (cells.get("parent_code") or "").strip()))
    errors += _orphans(rows, seen)
    if errors or not rows:
        shown = "；".join(errors[:MOST_ERRORS_SHOWN]) or "文件里没有数据"
        raise RuleBroken(f"区划文件有{len(errors)}处问题，没有写入：{shown}。", code="bad_register")
    return rows


def _orphans(rows: Iterable[Row], known: set[str]) -> list[str]:
    return [
        f"代码{row.code}：上级{row.parent_code or '（空）'}不在文件里"
        for row in rows
        if row.level != Division.Level.PROVINCE and row.parent_code not in known
    ]


def read_aliases(file: TextIO) -> list[dict[str, str]]:
    """The rows of an alias file: alias, code, kind, certain (1 or 0), note."""
    return list(csv.DictReader(file))
