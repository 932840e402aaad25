"""How long a bureau may take to answer who asks for erasure (个人信息保护法 art. 50; docs/rules.md, G4)."""

from communities.calendar.periods import Unit, declare

OURS = "本系统设定，老干部局可改"

ANSWER = declare("erasure_answer", title="答复删除信息的申请", length=15, unit=Unit.WORKING_DAYS, basis=OURS)
