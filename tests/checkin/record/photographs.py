"""Photographs for tests, made on the spot."""

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def picture(format: str = "JPEG", size: tuple[int, int] = (80, 60), mode: str = "RGB", **more: Any) -> bytes:
    made = io.BytesIO()
    Image.new(mode, size, "white").save(made, format, **more)
    return made.getvalue()


def upload(content: bytes | None = None, name: str = "同意书.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture() if content is None else content, content_type="image/jpeg")
