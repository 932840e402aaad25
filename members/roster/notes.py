"""What is said about a cell or a row: an error keeps the row out, a warning or a remark does not."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How grave it is: the row is left out; somebody should look; said for completeness."""

    ERROR = "error"
    WARNING = "warning"
    REMARK = "remark"


@dataclass(frozen=True, slots=True)
class Note:
    """`field` names the column; `code` is stable, `message` a Chinese sentence that says what to do."""

    level: Level
    code: str
    message: str
    field: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def error(code: str, message: str, field: str = "") -> Note:
    return Note(Level.ERROR, code, message, field)


def warning(code: str, message: str, field: str = "") -> Note:
    return Note(Level.WARNING, code, message, field)


def remark(code: str, message: str, field: str = "") -> Note:
    return Note(Level.REMARK, code, message, field)
