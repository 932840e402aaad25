"""Every test that docs/security.md names is there, so that no threat is answered by a test that is gone."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def test_every_test_that_answers_a_threat_exists() -> None:
    named = NAMED.findall((ROOT / "docs/security.md").read_text(encoding="utf-8"))
    gone = [f"{file}::{name}" for file, name in named if not _is_there(ROOT / file, name)]

    assert gone == []
    assert len(named) > 60


def _is_there(file: Path, name: str) -> bool:
    if not file.is_file() or not name:
        return file.is_file()
    return re.search(rf"^def {name}\(", file.read_text(encoding="utf-8"), re.MULTILINE) is not None
