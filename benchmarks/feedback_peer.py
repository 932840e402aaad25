"""The peer of `feedback`: one report after the other, asked for by the ORM, stored, told, written by openpyxl."""

import shutil
import subprocess
import tempfile
import time
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from django.db.models import Q
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.worksheet.properties import PageSetupProperties

from checkin.feedback.models import FeedbackLine, FeedbackReport, Side, State
from checkin.feedback.papers import book, facts
from checkin.record.models import CheckIn
from checkin.statistics.months import Month
from checkin.statistics.papers import look
from communities.notices.actions import post
from huifeng.accounts.models import User
from huifeng.audit import actions as audit

NOWHEN = date(1990, 1, 1)  # the month of the peer's reports: nobody has any of it
HEADS = ("姓名", "性别", "年龄", "对方", "状态", "报到日期", "需关注")


def make_one(key: int, month: Month, by: User) -> bytes:
    """What the report `key` holds, made and sent for it alone, as a report of another month; its workbook."""
    like = FeedbackReport.objects.select_related("organisation", "receiver").get(pk=key)
    people = _people(like, month)
    now = timezone.now()
    report = FeedbackReport.objects.create(
        organisation=like.organisation,
        receiver=like.receiver,
        place=like.place,
        side=like.side,
        month=NOWHEN,
        number=f"PEER-{key}",
        content={"people": len(people)},
        state=State.SENT,
        generated_at=now,
        sent_at=now,
        due_on=now.date(),
    )
    FeedbackLine.objects.bulk_create(
        FeedbackLine(
            report=report,
            retiree_id=person,
            counterpart_id=other,
            position=number,
            cells=dict(zip(HEADS, words, strict=True)),
        )
        for number, (person, (other, words)) in enumerate(people.items(), 1)
    )
    audit.record("feedback.made", report, by=by, organisation_id=report.receiver_id)
    audit.record("feedback.sent", report, by=by, organisation_id=report.receiver_id)
    if not report.receiver.is_external:
        post(report.receiver, key=f"peer:{key}", kind="feedback.sent", words=f"{report.number}已送到")
    return by_openpyxl([words for _, words in people.values()])


def _people(report: FeedbackReport, month: Month) -> dict[int, tuple[int | None, list[str]]]:
    ours = Q(unit=report.organisation) if report.side == Side.UNIT else Q(community=report.organisation)
    touched = (
        CheckIn.objects.filter(ours, confirmed_at__lt=month.end)
        .filter(Q(ended_at=None) | Q(ended_at__gte=month.start))
        .select_related("retiree", "unit", "community")
        .order_by("retiree_id", "pk")
    )
    found: dict[int, tuple[int | None, list[str]]] = {}
    for checkin in touched:
        person = checkin.retiree
        other = checkin.community if report.side == Side.UNIT else checkin.unit
        words = [
            person.name,
            person.get_sex_display(),
            str(person.age(month.last)),
            str(other or ""),
            checkin.get_state_display(),
            str(checkin.confirmed_at)[:10],
            person.living_situation,
        ]
        found[person.pk] = (other.pk if other else None, words)
    return found


def by_openpyxl(people: list[list[Any]]) -> bytes:
    made = Workbook()
    for style in look.styles():
        made.add_named_style(style)
    form = made.active
    form.sheet_properties.pageSetUpPr = PageSetupProperties()
    look.set_up(form, None)
    form.append(["反馈单"])
    sheet = made.create_sheet("人员明细")
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties()
    look.set_up(sheet, (1, 1))
    for number, row in enumerate([HEADS, *people], 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(number, column, value)
            cell.style = "name" if number > 1 else "head"
    stream = BytesIO()
    made.save(stream)
    return stream.getvalue()


def by_libreoffice(keys: list[int]) -> float:
    """Seconds in which LibreOffice prints one workbook, the usual way from openpyxl to PDF; 0 where it is not there."""
    program = shutil.which("soffice")
    if program is None:
        return 0.0
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for paper in facts.papers_of(keys):
            source = Path(folder) / f"{paper.report.pk}.xlsx"
            source.write_bytes(book.make(paper))
            subprocess.run(
                [program, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf",
                 "--outdir", folder, str(source)],
                check=True, capture_output=True,
            )  # fmt: skip
    return (time.perf_counter() - began) / len(keys)
