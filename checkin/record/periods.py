"""How long each step may take. The bureau changes the lengths; where they come from: docs/rules.md, C20–C27."""

from communities.calendar.periods import Unit, declare

OURS = "本系统设定，老干部局可改"

UNIT_VERIFY = declare("unit_verify", title="单位核实", length=3, unit=Unit.WORKING_DAYS, basis=OURS)
COMMUNITY_CONFIRM = declare(
    "community_confirm", title="社区确认", length=5, unit=Unit.WORKING_DAYS, basis=OURS
)
PERSON_AMEND = declare("person_amend", title="本人补充", length=10, unit=Unit.WORKING_DAYS, basis=OURS)
ESCALATE_STREET = declare(
    "escalate_street", title="超期后提级到街道（镇）", length=1, unit=Unit.WORKING_DAYS, basis=OURS
)
ESCALATE_BUREAU = declare(
    "escalate_bureau", title="超期后提级到老干部局", length=5, unit=Unit.WORKING_DAYS, basis=OURS
)
UNDO = declare("undo_confirm", title="可以撤销确认", length=24, unit=Unit.HOURS, basis=OURS)
LETTER = declare(
    "introduction_letter",
    title="介绍信有效期",
    length=90,
    unit=Unit.DAYS,
    basis="各地规定 10 天至 90 天不一，取 90 天",
)
