"""A register of a million people, made by the database itself: they are there to be looked through, not read.

Their ID numbers and phones are bytes that open with no key.
"""

from collections.abc import Callable
from typing import Any

from django.db import connection

from members.people.models import Retiree
from members.units.models import UnitMembership

STEP = 100_000
MARK = "基准"  # their original unit: how they are found again

FILL = f"""
WITH made AS (
    INSERT INTO {Retiree._meta.db_table} ({{columns}})
    SELECT {{values}} FROM generate_series(%(first)s, %(last)s) AS i
    RETURNING id
)
INSERT INTO {UnitMembership._meta.db_table} (retiree_id, unit_id, valid_from, cause, document)
SELECT id, (%(units)s::bigint[])[1 + id %% %(many)s], '2020-01-01', 'roster', '' FROM made
"""
GIVEN = {
    "standing": "'roster'",
    "name": "substr('王李张刘陈杨赵孙周徐吴马朱胡郭', 1 + i %% 15, 1)"
    " || substr('建国秀英志强桂兰玉华明德', 1 + (i / 15) %% 11, 2) || substr('平安华荣春生', 1 + (i / 165) %% 6, 1)",
    "name_pinyin": "'jizhun jz'",
    "sex": "CASE WHEN i %% 2 = 0 THEN 'M' ELSE 'F' END",
    "birth_date": "'1930-01-01'::date + (i %% 12000)",
    "id_number": "sha256(('n' || i)::bytea)",
    "id_index": "sha256(('i' || i)::bytea)",
    "kind": "'tuixiu'",
    "original_unit": f"'{MARK}'",
    "phone": "sha256(('p' || i)::bytea)",
    "phone_index": "sha256(('q' || i)::bytea)",
    "phone_tail": "lpad((i %% 10000)::text, 4, '0')",
    "interests": "'{}'",
    "needs": "'{}'",
    "statistics_flag": "true",
    "retired_before_scheme": "false",
    "is_restricted": "false",
    "version": "1",
    "created_at": "now() - interval '400 days'",
    "updated_at": "now() - interval '400 days'",
}


def fill(
    wanted: int,
    units: list[int],
    say: Callable[[str], None],
    more: dict[str, str] | None = None,
    values_of: dict[str, Any] | None = None,
) -> None:
    """Bring the register up to `wanted` people of its own kind. Repeating it changes nothing.

    `more`: SQL for further columns, `values_of` the parameters it names.
    """
    given = GIVEN | (more or {})
    there = Retiree.objects.filter(original_unit=MARK).count()
    columns = [field for field in Retiree._meta.concrete_fields if field.column != "id"]
    values = [given.get(str(field.column), "NULL" if field.null else "''") for field in columns]
    statement = FILL.format(columns=", ".join(str(f.column) for f in columns), values=", ".join(values))
    for first in range(there + 1, wanted + 1, STEP):
        last = min(first + STEP - 1, wanted)
        with connection.cursor() as cursor:
            cursor.execute(
                statement,
                {"first": first, "last": last, "units": units, "many": len(units), **(values_of or {})},
            )
        say(f"register: {last:,} people")
    if there < wanted:
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {Retiree._meta.db_table}, {UnitMembership._meta.db_table}")
