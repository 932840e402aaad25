from communities.organisations.permissions import may_see_places, works_for_city_bureau
from huifeng.accounts.models import User


def may_see_calendar(user: User) -> bool:
    return may_see_places(user)


def may_change_calendar(user: User) -> bool:
    """Working days and periods hold for the whole city, so the city bureau changes them."""
    return works_for_city_bureau(user)
