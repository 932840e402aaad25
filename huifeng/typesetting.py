"""Paper from a Typst template and facts: PDF for printing, PNG for a phone. The font travels with the program."""

import json
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, Literal

import typst
from noto_cjk_sans_otc import FONT_PATH


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[str(Path(str(FONT_PATH)).parent)])


def typeset(
    template: Path,
    facts: dict[str, Any],
    *,
    images: dict[str, bytes] | None = None,
    format: Literal["pdf", "png"] = "pdf",
    tagged: bool = True,
) -> bytes:
    """`template` (a .typ file) filled with `facts`, which it reads as `json(bytes(sys.inputs.facts))`.

    `images`: file name → content (SVG or PNG), which the template names in `image()`. Same input, same bytes,
    but for the time stamp. `tagged`: with the structure that screen readers use, which takes six times the room in a
    paper of long tables; without it where a page shows the same. PNG gives the first page at 200 ppi. Raises typst.TypstError when it does not compile.
    """
    with tempfile.TemporaryDirectory() as folder:
        main = Path(folder) / template.name
        main.write_bytes(template.read_bytes())
        for name, content in (images or {}).items():
            (Path(folder) / name).write_bytes(content)
        made = typst.compile(
            os.fspath(main),
            root=folder,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"facts": json.dumps(facts, ensure_ascii=False)},
            format=format,
            ppi=200,
            pdf_tags=tagged,
        )
    pages = made if isinstance(made, list) else [made]
    assert pages[0] is not None
    return pages[0]
