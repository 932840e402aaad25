"""How long after its day an unanswered request reaches the bureau (docs/rules.md, Q7). The day itself: the preset."""

from communities.calendar.periods import Unit, declare

ESCALATE = declare(
    "request_escalate",
    title="需求超期后报老干部局",
    length=3,
    unit=Unit.WORKING_DAYS,
    basis="本系统设定，老干部局可改",
)
