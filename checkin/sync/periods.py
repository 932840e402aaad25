"""How long a receipt may take. The bureau changes it; where it comes from: docs/rules.md, N4."""

from communities.calendar.periods import Unit, declare

RECEIPT = declare(
    "notice_receipt",
    title="签收通知",
    length=3,
    unit=Unit.WORKING_DAYS,
    basis="本系统设定，老干部局可改",
)
