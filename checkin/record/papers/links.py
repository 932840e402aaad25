"""The link in a receipt's QR code: an opaque signed token that leads to the progress page, and says nothing."""

import io

import segno
from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from checkin.record.models import CheckIn
from huifeng.rowscope.scope import as_program

_signer = Signer(salt="checkin.progress", sep=".")


def signed_token(checkin: CheckIn) -> str:
    return _signer.sign(checkin.token)


@as_program("whoever holds the receipt reads where it stands")
def find(signed: str) -> CheckIn | None:
    """The check-in behind a signed token, None when the signature or the token is not ours."""
    try:
        token = _signer.unsign(signed)
    except BadSignature:
        return None
    return CheckIn.objects.select_related("community", "retiree").filter(token=token).first()


def progress_url(checkin: CheckIn) -> str:
    return settings.BASE_URL + reverse("public:progress", args=[signed_token(checkin)])


def qr_svg(checkin: CheckIn) -> bytes:
    """QR code of the progress page: level M, quiet zone 4, as on all our papers."""
    drawn = io.BytesIO()
    segno.make(progress_url(checkin), error="m", micro=False).save(drawn, kind="svg", border=4, scale=4)
    return drawn.getvalue()
