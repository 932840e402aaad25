"""The colours of tokens.css: every word can be read on every ground it stands on."""

import gzip
import re
from itertools import product
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[2] / "static/css/tokens.css").read_text(encoding="utf-8")

GROUNDS = ("bg", "card", "sunk")
STATES = ("error", "done", "info", "warn", "note", "moved", "neutral")
PAIRS = [
    *product(("text", "text-2", "text-3", "link", "link-press"), GROUNDS),
    *((state, f"{state}-bg") for state in STATES),
    *(("text", f"{state}-bg") for state in STATES),
    *product((*STATES, *(f"series-{n}" for n in range(1, 6))), ("bg", "card")),
    ("on-primary", "primary"),
    ("on-primary", "primary-press"),
    *product(("on-band", "on-band-2"), ("band", "band-deep")),
    ("on-glow", "focus-glow"),
    *((f"on-heat-{n}", f"heat-{n}") for n in range(1, 6)),
]


def declarations(selector: str) -> dict[str, str]:
    """The custom properties of one rule of tokens.css."""
    body = re.search(rf"^\s*{re.escape(selector)} \{{(.*?)\}}", CSS, re.S | re.M)
    assert body, selector
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", body[1]))


NORMAL = declarations(":root")
HIGH = NORMAL | declarations("[data-contrast=high]")


def colour(name: str, tokens: dict[str, str]) -> tuple[int, int, int]:
    value = tokens[name].strip()
    while link := re.fullmatch(r"var\(--([\w-]+)\)", value):
        value = tokens[link[1]].strip()
    assert re.fullmatch(r"#[0-9A-F]{6}", value), f"{name}: {value}"
    return int(value[1:3], 16), int(value[3:5], 16), int(value[5:], 16)


def luminance(rgb: tuple[int, int, int]) -> float:
    parts = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str, tokens: dict[str, str]) -> float:
    """WCAG 2.2 contrast ratio."""
    bright, dark = sorted((luminance(colour(name, tokens)) for name in (one, other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("words", "ground"), PAIRS)
@pytest.mark.parametrize("tokens", [NORMAL, HIGH], ids=["normal", "high"])
def test_words_stand_out_seven_to_one(words, ground, tokens):
    assert contrast(words, ground, tokens) >= 7


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("tokens", [NORMAL, HIGH], ids=["normal", "high"])
def test_control_borders_and_the_focus_ring_stand_out_three_to_one(ground, tokens):
    assert contrast("edge", ground, tokens) >= 3
    assert contrast("focus", ground, tokens) >= 3


def test_the_device_s_wish_for_contrast_gives_the_same_colours_as_the_reader_s():
    assert declarations(":root:not([data-chosen])") == declarations("[data-contrast=high]")


@pytest.mark.parametrize(
    ("rule", "pixels"),
    [
        ("[data-frame=retiree]", 20),
        ("[data-frame=retiree][data-size=large]", 24),
        ("[data-frame=retiree][data-size=xl]", 30),
        ("[data-frame=staff]", 16),
        ("[data-frame=staff][data-size=large]", 18),
        ("[data-frame=staff][data-size=xl]", 20),
    ],
)
def test_body_sizes_follow_the_reader_s_browser_in_percent(rule, pixels):
    body = re.search(rf"^{re.escape(rule)} \{{(.*?)\}}", CSS, re.S | re.M)

    assert body
    assert f"font-size: {pixels / 16 * 100:g}%" in body[1]


def test_css_and_script_are_small():
    root = Path(__file__).parents[2] / "static"
    packed = sum(len(gzip.compress(path.read_bytes())) for path in (root / "css").glob("*.css"))

    assert packed <= 14 * 1024
    assert (root / "js/app.js").stat().st_size < 8 * 1024
