"""Roster files for tests, made by the row, and imports brought as far as a test needs them."""

from collections.abc import Callable, Mapping
from datetime import date
from io import BytesIO
from typing import Any

from django.apps import apps
from openpyxl import Workbook

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.jobs import running
from members.people.models import Retiree
from members.roster import actions
from members.roster.models import ImportBatch
from tests.members.factories import make_id_number

Row = Mapping[str, object]
BAD = {"姓名": "郑和平", "身份证号": "123", "离退休类别": "退休"}
NAMES = ("李淑华", "周桂兰", "孙德胜", "吴秀英", "郑和平", "冯学文", "陈志刚", "褚玉珍")


def row(serial: int, **more: object) -> dict[str, object]:
    """Somebody fictional, by heading; the same for the same `serial`."""
    return {
        "姓名": NAMES[serial % len(NAMES)],
        "身份证号": make_id_number(serial, born=date(1948, 7, 1)),
        "离退休类别": "退休",
        "离退休时间": "2008-08",
        **more,
    }


def row_of(person: Retiree, **more: object) -> dict[str, object]:
    """The row of somebody of the register, saying nothing new."""
    kind = person.get_kind_display()
    return {"姓名": person.name, "身份证号": person.id_number, "离退休类别": kind, **more}


def book(*rows: Row, sheet: str = "名册") -> bytes:
    """An .xlsx with these rows under all the headings they use."""
    workbook = Workbook()
    page = workbook.active
    assert page is not None
    page.title = sheet
    headings = list(dict.fromkeys(heading for one in rows for heading in one)) or ["姓名", "身份证号"]
    page.append(headings)
    for one in rows:
        page.append([one.get(heading) for heading in headings])
    content = BytesIO()
    workbook.save(content)
    return content.getvalue()


def received(unit: Organisation, by: User, *rows: Row, **more: Any) -> ImportBatch:
    return actions.receive(book(*rows), "名册.xlsx", unit.pk, by=by, in_background=False, **more)


def planned(unit: Organisation, by: User, *rows: Row) -> ImportBatch:
    return actions.plan_now(received(unit, by, *rows).pk, by=by)


def imported(unit: Organisation, by: User, *rows: Row) -> ImportBatch:
    return actions.write_now(planned(unit, by, *rows).pk, by=by)


def worked_off(batch: ImportBatch) -> ImportBatch:
    """What a worker makes of the job that the batch waits for."""
    batch.refresh_from_db()
    assert batch.job_id is not None
    running.run(batch.job_id)
    return again(batch)


def again(batch: ImportBatch) -> ImportBatch:
    return ImportBatch.objects.select_related("job").get(pk=batch.pk)


def with_number(serial: int) -> Retiree:
    """The person of `row(serial)`, found as anybody finds a person by ID number."""
    return Retiree.objects.with_id_number(str(row(serial)["身份证号"])).get()


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the tables an import may touch, and of the audit."""
    labels = (
        "members_people",
        "members_units",
        "members_party",
        "members_roster",
        "checkin_record",
        "communities_notices",
        "audit",
    )
    models = [model for label in labels for model in apps.get_app_config(label).get_models()]
    return {model._meta.label: list(model._base_manager.order_by("pk").values_list()) for model in models}


def refused_file(unit: Organisation, by: User) -> ImportBatch:
    batch = actions.receive(
        book({"科室": "一", "事由": "二"}), "请假.xlsx", unit.pk, by=by, in_background=False
    )
    return actions.plan_now(batch.pk, by=by)


def discarded(unit: Organisation, by: User) -> ImportBatch:
    return actions.discard(planned(unit, by, row(1)).pk, by=by)


def undone(unit: Organisation, by: User) -> ImportBatch:
    return actions.undo_now(imported(unit, by, row(1)).pk, by=by)


AT: dict[str, Callable[[Organisation, User], ImportBatch]] = {
    ImportBatch.State.RECEIVED: lambda unit, by: received(unit, by, row(1)),
    ImportBatch.State.REFUSED: refused_file,
    ImportBatch.State.PLANNED: lambda unit, by: planned(unit, by, row(1)),
    ImportBatch.State.APPLIED: lambda unit, by: imported(unit, by, row(1)),
    ImportBatch.State.UNDONE: undone,
    ImportBatch.State.DISCARDED: discarded,
}
