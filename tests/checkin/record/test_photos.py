"""Photographs of consent papers: only pictures get in, and only their pixels."""

import contextlib
import io
import random
import stat
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from checkin.record import photos
from tests.checkin.record.photographs import picture


def clean(content: bytes) -> bytes:
    return photos.clean(io.BytesIO(content), len(content))


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize(
    ("format", "mode"),
    [
        ("JPEG", "RGB"),
        ("JPEG", "L"),
        ("JPEG", "CMYK"),
        ("PNG", "RGB"),
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "1"),
    ],
)
def test_a_picture_becomes_a_jpeg(format: str, mode: str) -> None:
    made = opened(clean(picture(format, mode=mode)))

    assert (made.format, made.mode, made.size) == ("JPEG", "RGB", (80, 60))


def test_what_is_transparent_becomes_white() -> None:
    content = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(content, "PNG")

    assert opened(clean(content.getvalue())).getpixel((10, 10)) == (255, 255, 255)


def test_nothing_but_the_pixels_goes_over() -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret-place"
    content = picture(exif=exif, comment=b"secret-comment") + b"<script>secret-tail</script>"

    made = clean(content)

    assert b"secret" not in made
    assert not opened(made).getexif()


def test_a_picture_taken_sideways_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    assert opened(clean(picture(exif=exif))).size == (60, 80)


def test_a_large_picture_is_reduced() -> None:
    assert opened(clean(picture(size=(4000, 3000)))).size == (2400, 1800)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7 not a picture",
        b"\xff\xd8\xff\xe0 only the head of a jpeg",
        picture()[:-200],
        picture("PNG")[:-60],
        picture("GIF", mode="L"),
        picture("BMP"),
        picture("WEBP"),
    ],
    ids=["empty", "pdf", "head", "half jpeg", "half png", "gif", "bmp", "webp"],
)
def test_what_cannot_be_decoded_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(photos.NotAPhoto) as refused:
        clean(content)

    assert "jpg 或 png" in refused.value.message


def test_more_than_five_megabytes_are_refused_unread() -> None:
    with pytest.raises(photos.NotAPhoto) as refused:
        photos.clean(io.BytesIO(b""), photos.MOST_BYTES + 1)

    assert "5 MB" in refused.value.message


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize("side", [7000, 60000])
def test_a_small_file_with_too_many_pixels_is_refused_before_decoding(side: int) -> None:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    content = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 9)) + chunk(b"IEND", b"")

    with pytest.raises(photos.NotAPhoto):
        clean(content)


def test_noise_is_never_more_than_refused() -> None:
    dice = random.Random(7)
    for content in (picture(), picture("PNG")):
        for _ in range(300):
            broken = bytearray(content)
            for _ in range(dice.randint(1, 12)):
                broken[dice.randrange(len(broken))] = dice.randrange(256)
            with contextlib.suppress(photos.NotAPhoto):
                clean(bytes(broken))


def test_a_stored_file_has_a_name_that_says_nothing_and_is_for_the_program_only(
    settings: Any, tmp_path: Path
) -> None:
    settings.FILES = tmp_path

    names = {photos.store(b"x") for _ in range(3)}

    assert len(names) == 3
    files = list((tmp_path / "consent").iterdir())
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
