"""The provider and who is bound to it, for every test here."""

from tests.huifeng.factors import clerk
from tests.huifeng.sign_on.travel import bound, province, sign_on

__all__ = ["bound", "clerk", "province", "sign_on"]
