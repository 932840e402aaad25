"""Row-level security: which rows of a table a viewer's statements meet. `migrate` makes it so, as the owner.

A model says `SEEN_BY`, conditions of which one must hold; upper floors add theirs with `also`, and with `view` and
`function` what they look things up in, both in `AppConfig.ready`. The first condition of every table is that the
program asks. A condition is SQL; `{own}` is the table's name. Conditions are tried in their order, so the cheap and
the likely come first: a table has one policy and not one a condition, whose order would be PostgreSQL's.

Views and functions are the owner's and see all: a policy that looks into another table under a policy would come
back to itself, and planning would grow with every table on the way. Views hold keys only; functions answer about one
person, for the viewer.
"""

from django.apps import apps

from .views import RESTRICTED

POLICY = "scope"

_also: dict[str, list[str]] = {}
_views: dict[str, str] = {}
_functions: dict[str, tuple[str, str]] = {}
PEOPLE, SEES_PERSON = "members_people_retiree", "rowscope_sees_person"
# Arguments of a function about a person; the viewer's come with it, read once a query and not once a person.
OF_PERSON = "person bigint, restricted boolean, ours bigint[], areas text[], bureaus text[]"


def _setting(name: str, kind: str) -> str:
    """A setting of the session; in a sub-select, so that it is read once a query and not once a row."""
    return f"(SELECT NULLIF(current_setting('huifeng.{name}', true), '')::{kind})"


PROGRAM = "(SELECT current_setting('huifeng.scope', true) = 'program')"
USER = _setting("user", "bigint")
PERSONS = f"{_setting('persons', 'bigint[]')}::bigint[]"
ORGANISATIONS = f"{_setting('organisations', 'bigint[]')}::bigint[]"
AREAS = f"{_setting('areas', 'text[]')}::text[]"
BUREAUS = f"{_setting('bureaus', 'text[]')}::text[]"
FOR_A_BUREAU = f"{_setting('bureaus', 'text[]')} IS NOT NULL"


STAYS = "COALESCE({own}.merged_into_id, {own}.id)"


def is_user(column: str) -> str:
    """The row is the viewer's own."""
    return f"{{own}}.{column} = {USER}"


def is_person(column: str) -> str:
    """The row is about the viewer or somebody the viewer helps."""
    return f"{{own}}.{column} = ANY ({PERSONS})"


def is_ours(*columns: str) -> str:
    """One of the organisations named is one the viewer works for."""
    return " OR ".join(f"{{own}}.{column} = ANY ({ORGANISATIONS})" for column in columns)


def in_area(column: str, areas: str = AREAS) -> str:
    """The division code lies in an area the viewer oversees."""
    return f"{{own}}.{column} ^@ ANY ({areas})"


def with_row(table: str, column: str, key: str = "id") -> str:
    """The row of another table that `column` points to is seen.

    A scalar and no EXISTS, which PostgreSQL would plan twice, and what is inside it four times.
    """
    return f"(SELECT true FROM {table} seen WHERE seen.{key} = {{own}}.{column})"


def but_of_restricted(column: str, *conditions: str) -> str:
    """One of the conditions holds, and the person is not restricted: answered without looking at the person."""
    return (
        f"({' OR '.join(conditions)}) AND {{own}}.{column} NOT IN (SELECT hidden.id FROM {RESTRICTED} hidden)"
    )


def of_person(column: str) -> str:
    """The person is seen. By a function: its plan is made once a session, not once for each table of each query."""
    return f"{SEES_PERSON}({{own}}.{column})"


def person_found(name: str) -> str:
    """The person, or for a merged row the one that stays, is found by a function: asked row by row, so last."""
    return f"{name}({STAYS}, {{own}}.is_restricted, {ORGANISATIONS}, {AREAS}, {BUREAUS})"


def pointed_to(table: str, *columns: str) -> str:
    """A row of `table` that is seen points here."""
    return " OR ".join(
        f"EXISTS (SELECT FROM {table} seen WHERE seen.{column} = {{own}}.id)" for column in columns
    )


def is_about_person(label: str) -> str:
    """An entry of the audit about the viewer, or somebody the viewer helps; `label` is the model's."""
    return f"{{own}}.target_type = '{label}' AND {{own}}.target_id = ANY ({_setting('persons', 'text[]')}::text[])"


def also(table: str, *conditions: str) -> None:
    """Let more viewers see rows of a table of a lower floor."""
    known = _also.setdefault(table, [])
    known += [condition for condition in conditions if condition not in known]


def view(name: str, query: str) -> None:
    """A view of the owner's that conditions may look into."""
    _views[name] = query


def function(name: str, arguments: str, query: str) -> None:
    """A function of the owner's that says whether `query` finds a row; it sees all, and answers for the viewer."""
    _functions[name] = (arguments, query)


def conditions() -> dict[str, list[str]]:
    """The conditions of every table that has a policy."""
    declared: dict[str, list[str]] = {}
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if hasattr(model, "SEEN_BY") or table in _also:
            declared[table] = [PROGRAM, *getattr(model, "SEEN_BY", ()), *_also.get(table, [])]
    return declared


def statements(table_of: dict[str, list[str]], role: str) -> list[str]:
    """What makes views and policies as they are declared; safe to repeat.

    `table_of`: the tables that share the conditions of a model's table: itself and its partitions.
    """
    if set(conditions()) - set(table_of):  # a database half made: shut what is there until the rest is
        return [
            f"ALTER TABLE {own} ENABLE ROW LEVEL SECURITY" for parts in table_of.values() for own in parts
        ]
    own_and_seen = [
        (own, " OR ".join(f"({condition.format(own=own)})" for condition in seen_by))
        for table, seen_by in conditions().items()
        for own in table_of.get(table, [])
    ]
    made = [f"DROP POLICY IF EXISTS {POLICY} ON {own}" for own, _ in own_and_seen]
    made += [f"DROP VIEW IF EXISTS {name}" for name in _views]
    made += [f"CREATE VIEW {name} AS {query}" for name, query in _views.items()]
    made += [f"GRANT SELECT ON {name} TO {role}" for name in _views]
    for name, (arguments, query) in _all_functions().items():
        made += [
            f"DROP FUNCTION IF EXISTS {name}",  # its arguments may be others now
            f"CREATE FUNCTION {name}({arguments}) RETURNS boolean LANGUAGE plpgsql STABLE COST 50"
            f" SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan"
            f" AS $$BEGIN RETURN EXISTS ({query}); END$$",
            f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION {name} TO {role}",
        ]
    for own, seen in own_and_seen:
        made += [
            f"ALTER TABLE {own} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY {POLICY} ON {own} TO {role} USING ({seen})",
        ]
    return made


def _all_functions() -> dict[str, tuple[str, str]]:
    """Those declared, and the one that tells whether a person is seen: all conditions of people at once."""
    seen = " OR ".join(f"({condition.format(own=PEOPLE)})" for condition in conditions()[PEOPLE])
    whole = f"SELECT FROM {PEOPLE} WHERE {PEOPLE}.id = person AND ({seen})"
    return {**_functions, SEES_PERSON: ("person bigint", whole)}


def declarations() -> str:
    """All that is declared, as one text: changes when a policy or a view does."""
    return repr((sorted(conditions().items()), sorted(_views.items()), sorted(_all_functions().items())))
