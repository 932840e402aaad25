"""A roster from the file to the register: read, check, compare with a million people, encrypt, write."""

import resource
import time
from collections.abc import Callable
from datetime import date
from io import BytesIO
from random import Random
from typing import Any

import python_calamine
import tablib
from django.db import connection, transaction
from import_export import resources
from openpyxl import Workbook

from communities.divisions.models import Division
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.embedded.roles import as_owner
from members.people import id_numbers
from members.people.models import Retiree
from members.roster import actions
from members.roster.models import ImportBatch, ImportRow
from members.units.models import UnitMembership

from . import register
from .figures import Figure, Result
from .running import Refused, Run

CITY = 300  # retirees of the city that holds the units; the register is filled beside it
PEER_ROWS = 300  # django-import-export takes rows one by one, so a few tell what many cost
HEADINGS = [
    "序号", "姓名", "性别", "身份证号", "民族", "出生年月", "参加工作时间", "政治面貌", "入党时间", "原工作单位",
    "原职务", "职级", "离退休类别", "离退休时间", "手机号码", "居住地区市", "街道", "社区", "详细地址", "所在党支部",
    "健康状况", "兴趣爱好", "特长", "备注",
]  # fmt: skip
SURNAMES = "王李张刘陈杨赵孙周徐吴马朱胡郭何高林郑谢宋唐许邓冯韩曹曾彭萧"
GIVEN = [
    "建国",
    "秀英",
    "志强",
    "桂兰",
    "玉华",
    "明德",
    "国庆",
    "淑珍",
    "卫东",
    "丽华",
    "德胜",
    "凤英",
    "振山",
    "素珍",
    "保国",
    "秀兰",
    "解放",
    "玉兰",
    "新民",
    "惠芳",
]
HOBBIES = ["书法", "摄影", "太极拳", "合唱", "养花", "阅读、写作", "广场舞", "", "象棋"]


def measure(run: Run) -> Result:
    by, unit = User.objects.system(), _unit()
    register.fill(run.register, _other_units(unit), run.say)
    run.say(f"making a roster of {run.size:,} rows")
    half, whole = (_roster(size, seed) for size, seed in ((run.size // 2, 2), (run.size, 1)))

    run.say("half of it first, to see how the cost grows")
    half_seconds, _ = _timed(lambda: _take_in(half, unit, by), by)
    seconds, batch = _timed(lambda: _take_in(whole, unit, by), by, keep=True)
    memory = _memory()
    limit = _limit(whole, batch)
    actions.undo_now(batch.pk, by=by)
    run.say(f"django-import-export, {PEER_ROWS} rows of the same kind")
    peer, one_pass = (passed / PEER_ROWS * run.size for passed in _peer(_rows(PEER_ROWS, 3), unit))
    times = {
        "whole": Figure(round(seconds, 3), round(seconds, 3), 1),
        "half the rows": Figure(round(half_seconds, 3), round(half_seconds, 3), 1),
    }
    return Result(
        "import", run.size, round(seconds, 3),
        f"django-import-export's default path (tried out, then imported), from {PEER_ROWS} rows", round(peer, 1),
        "calamine read + COPY of the same rows into the same tables", round(limit, 3),
        {"import": times},
        {
            "register": run.register,
            "rows_per_second": round(run.size / seconds),
            "peer_rows_per_second": round(run.size / peer),
            "ratio_to_peer_without_trying_out": round(one_pass / seconds, 1),
            "growth_when_doubled": round(seconds / half_seconds, 2),
            "peak_memory_mib": memory,
        },
    )  # fmt: skip


def _unit() -> Organisation:
    units = Organisation.objects.open().filter(kind=Organisation.Kind.UNIT, memberships=None)
    unit = (
        units.order_by("pk").first()
        or Organisation.objects.open().filter(kind=Organisation.Kind.UNIT).first()
    )
    if unit is None:
        raise Refused("the city has no unit")
    return unit


def _other_units(unit: Organisation) -> list[int]:
    units = Organisation.objects.open().filter(kind=Organisation.Kind.UNIT).exclude(pk=unit.pk)
    return list(units.order_by("pk").values_list("pk", flat=True)[:200])


def _rows(count: int, seed: int) -> list[list[Any]]:
    """Fictional people; each seed gives others."""
    chance = Random(seed)
    places = list(
        Division.objects.open()
        .filter(level=Division.Level.COMMUNITY, is_virtual=False)
        .values_list("parent__parent__name", "parent__name", "name")
    )
    rows = []
    for number in range(1, count + 1):
        born = date(1930 + chance.randrange(33), 1 + chance.randrange(12), 1 + chance.randrange(28))
        # seed and number make the place and order digits, so nobody occurs twice
        body = f"{300000 + seed * 100000 + number // 1000:06}{born:%Y%m%d}{number % 1000:03}"
        district, street, community = chance.choice(places)
        rows.append([
            number, chance.choice(SURNAMES) + chance.choice(GIVEN), "男" if int(body[16]) % 2 else "女",
            body + id_numbers.check_character(body), "汉族", f"{born:%Y.%m}", f"{born.year + 20}.07", "中共党员",
            f"{born.year + 25}.07", "青岛市某局", "科长", "正科级", "退休", f"{born.year + 60}.{born.month:02}",
            f"1{chance.randrange(30, 99)}{chance.randrange(10**8):08}", district, street, community,
            f"{street}{chance.randrange(1, 400)}号{chance.randrange(1, 30)}号楼{chance.randrange(1, 9)}单元",
            "第一党支部", "健康", chance.choice(HOBBIES), "", "",
        ])  # fmt: skip
    return rows


def _roster(count: int, seed: int) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("花名册")
    sheet.append(HEADINGS)
    for row in _rows(count, seed):
        sheet.append(row)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _take_in(content: bytes, unit: Organisation, by: User) -> ImportBatch:
    batch = actions.receive(content, "roster.xlsx", unit.pk, by=by, in_background=False)
    actions.plan_now(batch.pk, by=by)
    return actions.write_now(batch.pk, by=by)


def _timed(act: Callable[[], ImportBatch], by: User, *, keep: bool = False) -> tuple[float, ImportBatch]:
    began = time.perf_counter()
    batch = act()
    seconds = time.perf_counter() - began
    if batch.counts["new"] != batch.counts["rows"]:
        raise Refused(f"not everybody was new: {batch.counts}")
    if not keep:
        actions.undo_now(batch.pk, by=by)
    return seconds, batch


def _memory() -> float:
    """Peak memory in MiB of this process and the largest child."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return round(sum(resource.getrusage(kind).ru_maxrss for kind in kinds) / 1024, 1)


def _limit(content: bytes, batch: ImportBatch) -> float:
    """Reading the file, and copying the rows that came of it into the register, in a transaction that is undone."""
    people = f"SELECT person FROM {ImportRow._meta.db_table} WHERE batch_id = {batch.pk}"
    tables = [(Retiree._meta.db_table, "id"), (UnitMembership._meta.db_table, "retiree_id")]
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:  # nobody else may COPY in
        copies = []
        for table, key in tables:
            with cursor.copy(
                f"COPY (SELECT * FROM {table} WHERE {key} IN ({people})) TO STDOUT (FORMAT binary)"
            ) as out:
                copies.append((table, b"".join(bytes(block) for block in out)))
        for table, key in reversed(tables):
            cursor.execute(f"DELETE FROM {table} WHERE {key} IN ({people})")
        began = time.perf_counter()
        book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(content))
        book.get_sheet_by_index(0).to_python()
        for table, copied in copies:
            with cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as into:
                into.write(copied)
        seconds = time.perf_counter() - began
        transaction.set_rollback(True)
    return seconds


class _PeerResource(resources.ModelResource):
    """The usual way: a resource of the model, rows found by name and birth date, saved one by one."""

    class Meta:
        model = Retiree
        import_id_fields = ("name", "birth_date")
        fields = (
            "name", "birth_date", "sex", "ethnicity", "joined_work_on", "political_status", "party_joined_on",
            "original_unit", "original_post", "rank", "kind", "retired_on", "residence_address", "health",
        )  # fmt: skip

    def before_save_instance(self, instance: Retiree, row: Any, **kwargs: Any) -> None:
        instance.set_id_number(row["id_number"])
        instance.set_phone(row["phone"])

    def after_save_instance(self, instance: Retiree, row: Any, **kwargs: Any) -> None:
        UnitMembership.objects.create(retiree=instance, unit_id=row["unit"], valid_from=date(2026, 1, 1))


def _peer(rows: list[list[Any]], unit: Organisation) -> tuple[float, float]:
    """Seconds of the default path and of its second pass alone: as in the admin the file is read and tried out
    (dry run), shown, then read and imported. Undone afterwards.
    """
    heads = [*_PeerResource.Meta.fields, "id_number", "phone", "unit"]
    data = tablib.Dataset(headers=heads)
    for row in rows:
        data.append([
            row[1], str(id_numbers.birth_date(row[3])), "M", "01", row[6].replace(".", "-"), "cpc",
            row[8].replace(".", "-"), row[9], row[10], "section_1", "tuixiu", row[13].replace(".", "-"), row[18],
            "good", row[3], row[14], str(unit.pk),
        ])  # fmt: skip
    content = data.export("xlsx")
    with as_owner(), transaction.atomic():  # it sets the sequence anew, which the application may not
        began = time.perf_counter()
        _pass(content, dry_run=True)
        tried = time.perf_counter()
        _pass(content, dry_run=False)
        ended = time.perf_counter()
        transaction.set_rollback(True)
    return ended - began, ended - tried


def _pass(content: bytes, *, dry_run: bool) -> None:
    data = tablib.Dataset().load(content, "xlsx")
    result = _PeerResource().import_data(data, dry_run=dry_run, raise_errors=True, use_transactions=True)
    if result.totals["new"] != len(data):
        raise Refused(f"the peer did not take every row: {result.totals}")
