"""When a month's statement is due: docs/rules.md, S6."""

from communities.calendar.periods import Unit, declare

BASIS = "本系统设定，老干部局可改"

SUBMIT = declare(
    "statement_submit", title="区市上报月报（次月起）", length=3, unit=Unit.WORKING_DAYS, basis=BASIS
)
CLOSE = declare("statement_close", title="封存月报（次月起）", length=5, unit=Unit.WORKING_DAYS, basis=BASIS)
