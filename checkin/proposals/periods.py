"""How long an owner may take to answer a proposal (docs/rules.md, O6)."""

from communities.calendar.periods import Unit, declare

OURS = "本系统设定，老干部局可改"

ANSWER = declare("proposal_answer", title="答复更正建议", length=5, unit=Unit.WORKING_DAYS, basis=OURS)
ESCALATE = declare(
    "proposal_escalate",
    title="更正建议超期后报老干部局",
    length=5,
    unit=Unit.WORKING_DAYS,
    basis=OURS,
)
