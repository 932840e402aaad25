"""Second factors under the newest key: allauth keeps their secrets in JSON, where no column tells of them."""

import base64

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction

from huifeng.keyring import HEADER

from .second_factor import SecondFactorAdapter

SECRETS = ("secret", "seed")  # of TOTP, of recovery codes


def reseal_second_factors() -> int:
    """Seal again whatever is not sealed with the newest key; how many. Whoever repeats it finds nothing to do."""
    keys = Authenticator.objects.order_by("pk").values_list("pk", flat=True)
    return sum(_reseal(pk) for pk in list(keys))


@transaction.atomic
def _reseal(pk: int) -> int:
    row = Authenticator.objects.select_for_update().filter(pk=pk).first()
    if row is None:  # taken away meanwhile
        return 0
    adapter, newest = SecondFactorAdapter(), settings.FIELD_KEYS[0].header
    old = [
        name for name in SECRETS if name in row.data and base64.b64decode(row.data[name])[:HEADER] != newest
    ]
    for name in old:
        row.data[name] = adapter.encrypt(adapter.decrypt(row.data[name]))
    if old:
        row.save(update_fields=["data"])
    return len(old)
