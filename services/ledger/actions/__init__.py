"""Points and goods (积分超市). Money is booked by services/funds with the same `booking`.

Each act locks the person, asks permission, returns if done, books, and writes the audit, in one transaction.
`credit_points` is for the other engines too. See docs/rules.md, section M.
"""

from .following import follow_closed_community, follow_merge, follow_unmerge, forget, plan_merge
from .goods import change_goods, stock_goods
from .points import cancel_redemption, credit_points, redeem, reverse_points

__all__ = [
    "cancel_redemption",
    "change_goods",
    "credit_points",
    "follow_closed_community",
    "follow_merge",
    "follow_unmerge",
    "forget",
    "plan_merge",
    "redeem",
    "reverse_points",
    "stock_goods",
]
