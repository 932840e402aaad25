"""Row-level security on a small city: every table, every role. Filled once, rolled back afterwards."""

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest
from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import Model, Q

from checkin.record.permissions import visible_to as visible_checkins
from communities.organisations.models import Assignment, Organisation
from demo import filling
from huifeng.accounts.models import User
from huifeng.embedded import roles
from huifeng.embedded.engines import APP, OWNER
from huifeng.rowscope import policies, scope
from huifeng.texts.actions import send
from members.people.models import Helper, Retiree
from tests.communities.factories import UserFactory
from tests.rowscope.everything import NOT_PERSONAL

TODAY = date(2026, 11, 20)
MODELS = {model._meta.label: model for model in apps.get_models(include_auto_created=True)}
UNDER_POLICIES = {label: m for label, m in MODELS.items() if m._meta.db_table in policies.conditions()}


def quiet(words: str) -> None:
    """The progress of a filling, to nobody."""


@pytest.fixture(scope="module")
def city(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock(), roles.as_owner(), connection.cursor() as cursor:
        # what other tests had in the tables misleads the planner: minutes instead of seconds
        cursor.execute(
            "SELECT pg_clear_relation_stats('public', tablename) FROM pg_tables WHERE schemaname = 'public'"
        )
    with django_db_blocker.unblock(), transaction.atomic():
        filling.fill(300, seed=1, today=TODAY, say=quiet)
        send(key="rowscope", phone="19900000001", words="您好")
        people = list(Retiree.objects.people().order_by("pk")[:40])
        Retiree.objects.filter(pk__in=[person.pk for person in people[::3]]).update(is_restricted=True)
        yield
        transaction.set_rollback(True)


pytestmark = pytest.mark.usefixtures("city", "db")


def seen_by(user: User, model: type[Model]) -> set[object]:
    """Keys of the rows that the database lets through, no filter asked for."""
    with scope.as_viewer(scope.of(user)):
        return set(model._base_manager.values_list("pk", flat=True))


def table_counts() -> dict[str, int]:
    """Rows of each table under a policy, as this session sees them, past everything Django does."""
    with connection.connection.cursor() as raw:
        found = {}
        for table in policies.conditions():
            raw.execute(f"SELECT count(*) FROM {table}")
            found[table] = raw.fetchone()[0]
    return found


def test_every_model_is_under_row_level_security_or_named_with_the_reason():
    neither = {label for label in MODELS if label not in UNDER_POLICIES and label not in NOT_PERSONAL}
    neither = {label for label in neither if MODELS[label]._meta.app_label != "zeal"}

    assert not neither
    assert not set(NOT_PERSONAL) & set(UNDER_POLICIES)
    assert not set(NOT_PERSONAL) - set(MODELS)


def test_whatever_points_to_a_person_is_under_row_level_security():
    pointing = {
        label
        for label, model in MODELS.items()
        if any(f.related_model is Retiree for f in model._meta.local_fields if f.is_relation)
    }

    assert pointing <= set(UNDER_POLICIES)


def test_sealed_fields_lie_under_row_level_security_or_are_named():
    sealed = {
        label
        for label, model in MODELS.items()
        if any(type(field).__name__ == "SealedField" for field in model._meta.local_fields)
    }

    assert sealed - set(UNDER_POLICIES) == {"accounts.User", "accounts.LoginCode", "checkin_sync.Webhook"}


def test_the_database_has_what_is_declared_partitions_too():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, c.relrowsecurity, (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid)"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')"
        )
        found = {name: (secured, number) for name, secured, number in cursor.fetchall()}
        cursor.execute(
            "SELECT relid::regclass::text FROM pg_partition_tree('checkin_statistics_monthlyfact'::regclass)"
        )
        facts = {name for (name,) in cursor.fetchall()}
        cursor.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relispartition"
            f" AND has_table_privilege('{APP}', c.oid, 'SELECT')"
        )
        readable = {name for (name,) in cursor.fetchall()}

    assert {name for name, (secured, number) in found.items() if secured and number == 1} >= set(
        policies.conditions()
    )
    assert all(found[name][0] for name in facts & readable)


def test_the_running_role_is_neither_owner_nor_superuser_nor_past_the_policies():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (APP, False, False, False)
        cursor.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
        assert cursor.fetchall() == [(OWNER,)]


def test_a_session_that_says_nothing_sees_no_row():
    everything = table_counts()
    with connection.connection.cursor() as raw:
        for name in (*scope.NAMES, scope.PERSONS):
            raw.execute("SELECT set_config(%s, '', true)", [f"huifeng.{name}"])
    connection._told = None

    assert sum(everything.values()) > 3000
    assert set(table_counts().values()) == {0}


def test_a_connection_of_its_own_that_says_nothing_sees_no_row():
    known = connections[DEFAULT_DB_ALIAS].get_connection_params()
    known = {key: known[key] for key in ("dbname", "user", "password", "host", "port")}
    with psycopg.connect(**known) as raw:
        for table in policies.conditions():
            assert raw.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
        assert raw.execute("SELECT count(*) FROM communities_organisations_organisation") is not None


def test_a_stranger_sees_no_row_of_any_table():
    stranger = UserFactory()

    with scope.as_viewer(scope.of(stranger)):
        seen = {label: model._base_manager.count() for label, model in UNDER_POLICIES.items()}

    assert {label for label, number in seen.items() if number} == set()


def users_of_every_kind() -> list[User]:
    """Two of each sort of office, a person, a helper, somebody with several hats."""
    found = []
    for kind in Organisation.Kind.values:
        rows = Assignment.objects.active(TODAY).filter(organisation__kind=kind).order_by("pk")
        found += [row.user for row in rows.select_related("user")[:2]]
    districts = Assignment.objects.filter(
        organisation__kind="bureau", organisation__division__level="district"
    )
    found += [row.user for row in districts.select_related("user").order_by("pk")[:2]]
    found += [person.user for person in Retiree.objects.exclude(user=None).select_related("user")[:3]]
    found += [helper.user for helper in Helper.objects.filter(ended_at=None).select_related("user")[:2]]
    return found


def test_the_policies_let_through_whom_the_rule_lets_through():
    """Rule P2: `visible_to`, and whom the check-ins are of that one may read."""
    for user in users_of_every_kind():
        checkins = visible_checkins(user)
        allowed = set(Retiree.objects.visible_to(user).values_list("pk", flat=True))
        allowed |= set(checkins.filter(retiree__merged_into=None).values_list("retiree_id", flat=True))
        people = set(Retiree.objects.people().values_list("pk", flat=True))

        assert seen_by(user, Retiree) & people == allowed, user


def test_the_check_ins_of_whom_one_sees_are_seen_and_no_others():
    for user in users_of_every_kind():
        allowed = set(visible_checkins(user).values_list("pk", flat=True))
        people = seen_by(user, Retiree)
        model = MODELS["checkin_record.CheckIn"]
        of_people = set(model._base_manager.filter(retiree__in=people).values_list("pk", flat=True))

        assert allowed <= seen_by(user, model) == of_people, user


def test_restricted_people_are_seen_by_themselves_and_bureaus_only():
    restricted = set(Retiree.objects.filter(is_restricted=True).values_list("pk", flat=True))
    for user in users_of_every_kind():
        reach = scope.of(user).reach
        assert reach is not None
        if not reach.bureaus:
            own = Retiree.objects.filter(Q(user=user) | Q(helpers__user=user, helpers__ended_at=None))
            assert seen_by(user, Retiree) & restricted <= set(own.values_list("pk", flat=True))


def test_what_belongs_to_a_person_is_seen_with_the_person():
    tables = (
        "members_people.Death",
        "members_people.Helper",
        "members_party.PartyAffiliation",
        "checkin_proposals.ChangeProposal",
    )
    for user in users_of_every_kind():
        people = seen_by(user, Retiree)
        for label in tables:
            model = MODELS[label]
            of_people = set(model._base_manager.filter(retiree__in=people).values_list("pk", flat=True))
            own = set(Helper.objects.filter(user=user).values_list("pk", flat=True))

            assert seen_by(user, model) - of_people <= (own if model is Helper else set()), (user, label)


def test_what_is_out_of_sight_can_be_neither_changed_nor_deleted_nor_added():
    clerk = Assignment.objects.filter(organisation__kind="community").select_related("user").first().user
    with scope.as_viewer(scope.of(clerk)):
        seen = set(Retiree.objects.values_list("pk", flat=True))
    beyond = Retiree.objects.exclude(pk__in=seen).first()
    assert beyond is not None

    with scope.as_viewer(scope.of(clerk)):
        assert Retiree.objects.filter(pk=beyond.pk).update(name="改") == 0
        assert MODELS["checkin_record.CheckIn"].objects.filter(retiree_id=beyond.pk).delete()[0] == 0


def test_nobody_is_seen_by_whoever_is_not_logged_in():
    with scope.as_viewer(scope.NOBODY):
        assert {label for label, m in UNDER_POLICIES.items() if m._base_manager.exists()} == set()
