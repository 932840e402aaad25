"""When feedback reports go out and are answered: docs/rules.md, F5."""

from communities.calendar.periods import Unit, declare

BASIS = "本系统设定，老干部局可改"

SEND = declare(
    "feedback_send", title="发送双向反馈单（次月起）", length=4, unit=Unit.WORKING_DAYS, basis=BASIS
)
ANSWER = declare("feedback_answer", title="答复双向反馈单", length=10, unit=Unit.WORKING_DAYS, basis=BASIS)
TO_ABOVE = declare(
    "feedback_escalate", title="反馈单逾期后提级到上级", length=2, unit=Unit.WORKING_DAYS, basis=BASIS
)
TO_BUREAU = declare(
    "feedback_escalate_bureau",
    title="反馈单逾期后提级到老干部局",
    length=5,
    unit=Unit.WORKING_DAYS,
    basis=BASIS,
)
LINK = declare("feedback_link", title="答复链接有效期", length=60, unit=Unit.DAYS, basis=BASIS)
