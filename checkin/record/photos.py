"""Photographs of signed consent papers: made harmless, and kept in a folder that no address serves."""

import io
import os
import secrets
import struct
import time
import zlib
from collections.abc import Container, Iterable
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from PIL import Image, ImageOps

MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONG_SIDE = 2400  # pixels kept: an A4 page stays legible, some 200 to the inch
QUALITY = 85
BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, Image.DecompressionBombError)


class NotAPhoto(Exception):
    """The file cannot be taken; `message` says why, in Chinese."""

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


def clean(file: BinaryIO, size: int) -> bytes:
    """The picture in `file`, of `size` bytes, painted anew as a JPEG.

    Judged by decoding it, never by its name. Only pixels go over: no place, camera, comment or thumbnail, and
    nothing hidden behind the picture. Turned upright, reduced to LONG_SIDE. The pixels are counted from the
    head before any is decoded, so that a small file cannot fill the memory. Raises NotAPhoto.
    """
    if size > MOST_BYTES:
        raise NotAPhoto("照片超过 5 MB，请用手机拍小一点，或另存成小一点的 jpg。")
    try:
        with Image.open(file, formats=("JPEG", "PNG")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise NotAPhoto("照片的尺寸太大，请用手机的普通模式重新拍一张。")
            picture.draft("RGB", (LONG_SIDE, LONG_SIDE))  # a JPEG is decoded at a fraction of its size
            return _painted(ImageOps.exif_transpose(picture))
    except BROKEN:
        raise NotAPhoto("这个文件不是能打开的 jpg 或 png 照片，请重新选。") from None


def _painted(picture: Image.Image) -> bytes:
    """On a new white ground, which has nothing but pixels."""
    seen = picture.convert("RGBA")
    seen.thumbnail((LONG_SIDE, LONG_SIDE))
    ground = Image.new("RGB", seen.size, "white")
    ground.paste(seen, mask=seen.getchannel("A"))
    made = io.BytesIO()
    ground.save(made, "JPEG", quality=QUALITY)
    return made.getvalue()


def folder() -> Path:
    return Path(settings.FILES) / "consent"


def store(content: bytes) -> str:
    """Write a new file and return its name, which says nothing and cannot be guessed.

    It is on the disk before this returns, so that a row that names it is never without it. A file whose
    transaction is rolled back afterwards is an orphan: no row names it, no page shows it.
    """
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{secrets.token_hex(16)}.jpg"
    handle = os.open(folder() / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return name


def load(name: str) -> bytes:
    """The content of a stored file. Raises OSError."""
    return (folder() / name).read_bytes()


def delete(names: Iterable[str]) -> None:
    """Take stored files from the disk; one that is gone already is no error."""
    for name in names:
        (folder() / name).unlink(missing_ok=True)


def sweep(known: Container[str], *, older_than: float) -> int:
    """Delete files that no row names and that are older than so many seconds; how many."""
    gone = 0
    for path in folder().glob("*.jpg") if folder().is_dir() else ():
        if path.name not in known and time.time() - path.stat().st_mtime > older_than:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
