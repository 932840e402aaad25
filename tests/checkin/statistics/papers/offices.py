"""LibreOffice as a witness: what it calculates, and what it prints."""

import os
import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

EXPECTED = "TEST_SOFFICE"  # set where LibreOffice must be there (bin/test installs it)


def soffice() -> str:
    """LibreOffice. Missing, the test fails where it is expected and is skipped elsewhere."""
    found = shutil.which("soffice")
    if found is None and os.environ.get(EXPECTED):
        pytest.fail("LibreOffice is missing: apt-get install libreoffice-calc-nogui")
    if found is None:
        pytest.skip("LibreOffice is not installed: apt-get install libreoffice-calc-nogui")
    return found


def convert(content: bytes, to: str, folder: Path) -> bytes:
    """The workbook as LibreOffice saves it in another format."""
    source = folder / "book.xlsx"
    source.write_bytes(content)
    made = folder / "made"
    done = subprocess.run(
        [soffice(), f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", to,
         "--outdir", str(made), str(source)],
        capture_output=True, timeout=180, check=False,
    )  # fmt: skip
    files = list(made.glob("book.*"))
    assert files, f"LibreOffice made nothing: {done.stderr.decode()}"
    return files[0].read_bytes()


def calculated(content: bytes, folder: Path) -> Workbook:
    """The book with what LibreOffice itself calculates: the results written beside the formulas are taken out first."""
    bare = BytesIO()
    load_workbook(BytesIO(content)).save(bare)
    return load_workbook(BytesIO(convert(bare.getvalue(), "xlsx", folder)), data_only=True)
