"""A stored file as the answer to a request."""

from io import BytesIO

from django.http import FileResponse

from .models import StoredFile


def attachment(file: StoredFile, content: bytes) -> FileResponse:
    """`content` to be saved under the file's name, never opened in the page and never taken for another type."""
    response = FileResponse(
        BytesIO(content), as_attachment=True, filename=file.name, content_type=file.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response
