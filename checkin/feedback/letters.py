"""The signed link by which an organisation outside the system answers without an account.

It is bound to one report and one giving of the link: giving it anew or taking it back ends the old one. It says
nothing about anybody, and ends on a day. Source: docs/rules.md, F9.
"""

import io

import segno
from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils import timezone

from .models import FeedbackReport

_signer = Signer(salt="checkin.feedback.letter", sep=".")


def token_of(report: FeedbackReport) -> str:
    """The token of the link that was given last."""
    return _signer.sign(f"{report.pk}-{report.link_version}")


def find(token: str) -> FeedbackReport | None:
    """The report behind a token; None when it is not ours, is over, or another was given since."""
    try:
        key, _, version = _signer.unsign(token).partition("-")
    except BadSignature:
        return None
    return (
        FeedbackReport.objects.filter(
            pk=int(key),
            link_version=int(version),
            link_until__gte=timezone.localdate(),
            sent_at__isnull=False,
        )
        .select_related("receiver", "organisation")
        .first()
    )


def has_link(report: FeedbackReport) -> bool:
    return report.link_until is not None and report.link_until >= timezone.localdate()


def url_of(report: FeedbackReport) -> str:
    return settings.BASE_URL + reverse("letters:letter", args=[token_of(report)])


def qr_svg(report: FeedbackReport) -> bytes:
    """QR code of the link: level M, quiet zone 4, as on all our papers."""
    drawn = io.BytesIO()
    segno.make(url_of(report), error="m", micro=False).save(drawn, kind="svg", border=4, scale=4)
    return drawn.getvalue()
