"""The bureau's pages of the audit: who may, what they find, and that each look at them is written down."""

from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from checkin.access import actions
from checkin.access.models import AccessAlert
from communities.organisations.models import Assignment
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.audit import anchoring, sealing, verifying
from huifeng.audit.models import AuditEntry
from huifeng.jobs import actions as jobs
from huifeng.jobs import running
from tests.checkin.access.looking import looks, shanghai
from tests.checkin.record.staff import browser_of, text_of
from tests.checkin.world import World
from tests.communities.factories import make_staff

LEAD = Assignment.Role.LEAD
PAGES = ("/bureau/audit/", "/bureau/audit/chain/", "/bureau/audit/alerts/")


@pytest.fixture
def desk(lead: User) -> Client:
    """A browser of the district's lead."""
    return browser_of(lead)


@pytest.mark.parametrize("address", PAGES)
def test_leads_of_bureaus_may_open_the_pages_and_nobody_else(
    world: World, boss: User, lead: User, address: str
):
    others = [
        world.clerk, world.unit_clerk, world.street_clerk, world.bureau_clerk, world.member().user,
        make_staff(world.here, LEAD), make_staff(world.unit, LEAD), make_staff(world.city.streets[0], LEAD),
    ]  # fmt: skip

    assert [browser_of(user).get(address).status_code for user in (boss, lead)] == [200, 200]
    assert {browser_of(user).get(address).status_code for user in others} == {403}


def test_a_lead_of_a_bureau_who_acts_for_another_as_a_clerk_is_refused_there(world: World, lead: User):
    Assignment.objects.create(
        user=lead, organisation=world.city.districts[1], role="clerk", valid_from=timezone.localdate()
    )
    browser = browser_of(lead)

    assert browser.get(f"/bureau/audit/?org={world.city.districts[1].pk}", follow=True).status_code == 403


def test_an_entry_is_shown_in_words_with_a_link(world: World, desk: Client):
    retiree = world.member(name="孙大圣", residence=world.here.division)
    audit.record("people.revealed", retiree, by=world.clerk, organisation_id=world.here.pk, note="核对身份")

    page = text_of(desk.get("/bureau/audit/"))

    assert "查看完整号码" in page
    assert f'<a class="link" href="/bureau/people/{retiree.pk}/">孙大圣</a>' in page
    assert "核对身份" in page


def test_a_district_finds_acts_of_its_area_only_and_the_city_all(world: World, desk: Client, boss: User):
    far = make_staff(world.city.communities[4], display_name="远方")
    for by, office in ((world.clerk, world.here), (far, world.city.communities[4])):
        audit.record("people.listed", office, by=by, organisation_id=office.pk, after={"count": 7})
    audit.record("account.logged_in", far, by=far)
    audit.record("account.logged_in", world.clerk, by=world.clerk)

    near, everything = text_of(desk.get("/bureau/audit/")), text_of(browser_of(boss).get("/bureau/audit/"))

    assert "李敏" in near
    assert "账号：登录" in near
    assert "远方" not in near
    assert "远方" in everything


def test_who_looked_at_a_person_of_the_area_is_found_whoever_it_was(world: World, desk: Client):
    ours, theirs = (world.member(name=name, residence=c.division) for name, c in (("孙大圣", world.here),
                    ("朱八戒", world.city.communities[4])))  # fmt: skip
    stranger = make_staff(world.city.communities[4], display_name="远方")
    for retiree in (ours, theirs):
        audit.record("people.revealed", retiree, by=stranger, organisation_id=world.city.communities[4].pk)

    found = text_of(desk.get("/bureau/audit/?person=孙大圣"))
    not_ours = text_of(desk.get(f"/bureau/audit/?people={theirs.pk}"))

    assert "远方" in found
    assert "远方" not in not_ours
    assert "没有找到：老同志" in not_ours


def test_an_actor_is_found_by_name_with_failed_logins_of_the_account(world: World, desk: Client):
    audit.record("people.viewed", world.member(), by=world.clerk, organisation_id=world.here.pk)
    audit.record("account.login_failed", world.clerk, by=User.objects.system(), after={"how": "password"})
    audit.record("people.listed", world.here, by=world.street_clerk, organisation_id=world.city.streets[0].pk)

    page = text_of(desk.get("/bureau/audit/?who=李敏"))

    assert "查看老同志" in page
    assert "账号：登录失败" in page
    assert "孙芳" not in page


def test_an_actor_beyond_the_area_is_not_found_by_a_key(world: World, desk: Client):
    far = make_staff(world.city.communities[4], display_name="远方")
    audit.record("people.listed", world.here, by=far, organisation_id=world.city.communities[4].pk)

    page = text_of(desk.get(f"/bureau/audit/?actor={far.pk}"))

    assert "这段时间没有符合条件的留痕" in page


def test_organisation_kind_and_days_narrow(world: World, desk: Client):
    with time_machine.travel(timezone.now() - timedelta(days=30), tick=False):
        audit.record("assignment.made", world.here, by=world.clerk, organisation_id=world.here.pk)
    audit.record("people.listed", world.here, by=world.clerk, organisation_id=world.here.pk)
    audit.record("people.listed", world.there, by=world.clerk_there, organisation_id=world.there.pk)
    since = (timezone.localdate() - timedelta(days=40)).isoformat()

    week = text_of(desk.get(f"/bureau/audit/?at={world.here.name}"))
    month = text_of(desk.get(f"/bureau/audit/?at={world.here.name}&since={since}"))
    rights = text_of(desk.get(f"/bureau/audit/?since={since}&group=rights"))

    assert ("李敏" in week, "赵强" in week, "任职：" in week.partition("<tbody>")[2]) == (True, False, False)
    assert "任职：" in month.partition("<tbody>")[2]
    assert "查看名单" not in rights.partition("<tbody>")[2]


@pytest.mark.parametrize(
    "query", ["since=x&until=2026-99-99", "group=zz", "people=a", "after=x", "until=1900-01-01"]
)
def test_an_address_that_is_not_understood_does_no_harm(desk: Client, query: str):
    assert desk.get(f"/bureau/audit/?{query}").status_code == 200


def test_pages_are_cut_by_key_and_cost_the_same(world: World, desk: Client, django_assert_max_num_queries):
    for _ in range(45):
        audit.record(
            "people.listed", world.here, by=world.clerk, organisation_id=world.here.pk, after={"count": 1}
        )
    first = desk.get("/bureau/audit/?group=looks")
    with django_assert_max_num_queries(20) as found:
        second = desk.get(f"/bureau/audit/{first.context['slice'].next_url}")

    assert len(second.context["lines"]) == 20
    assert not {line.entry.pk for line in first.context["lines"]} & {
        line.entry.pk for line in second.context["lines"]
    }
    assert not any(
        "count(*)" in query["sql"].lower() and "audit" in query["sql"] for query in found.captured_queries
    )


def test_looking_at_the_audit_is_written_down_without_what_was_typed(world: World, lead: User, desk: Client):
    retiree = world.member(name="孙大圣", residence=world.here.division)

    desk.get("/bureau/audit/?person=孙大圣")

    entry = AuditEntry.objects.get(action="audit.read")
    assert (entry.actor_id, entry.organisation_id) == (lead.pk, world.city.districts[0].pk)
    assert entry.after is not None
    assert entry.after["filters"]["people"] == [retiree.pk]
    assert "孙大圣" not in str(entry.after)


def test_the_page_of_the_chain_says_how_it_stands(world: World, desk: Client):
    empty = text_of(desk.get("/bureau/audit/chain/"))
    audit.record("people.listed", world.here, by=world.clerk, organisation_id=world.here.pk)
    sealing.seal()
    told = anchoring.anchor()
    verifying.verify()
    page = text_of(desk.get("/bureau/audit/chain/"))

    assert "还没有核对过" in empty
    assert "留痕完整" in page
    assert told is not None
    assert told.words in page


def test_the_page_of_alerts_lists_what_waits_and_takes_the_check(world: World, desk: Client):
    looks(world.clerk, world.here, [world.member().pk], shanghai(3))
    actions.raise_alerts(shanghai(8))
    alert = AccessAlert.objects.get(kind="night")
    before = text_of(desk.get("/bureau/audit/alerts/"))
    empty = desk.post(f"/bureau/audit/alerts/{alert.pk}/", {"words": ""})
    done = desk.post(f"/bureau/audit/alerts/{alert.pk}/", {"words": "值班"})

    assert "夜间查看 1 次" in before
    assert empty.status_code == 422
    assert done["Location"] == "/bureau/audit/alerts/"
    assert "没有待核实的异常查看" in text_of(desk.get("/bureau/audit/alerts/"))
    assert "值班" in text_of(desk.get("/bureau/audit/alerts/?show=all"))


def test_alerts_of_another_district_are_not_to_be_had(world: World):
    looks(world.clerk, world.here, [world.member().pk], shanghai(3))
    actions.raise_alerts(shanghai(8))
    other = browser_of(make_staff(world.city.districts[1], LEAD))

    assert "李敏" not in text_of(other.get("/bureau/audit/alerts/"))
    assert other.get(f"/bureau/audit/alerts/{AccessAlert.objects.get().pk}/").status_code == 404


def test_the_export_is_a_workbook_of_the_same_entries_and_is_written_down(
    world: World, lead: User, desk: Client
):
    audit.record(
        "people.listed", world.here, by=world.clerk, organisation_id=world.here.pk, after={"count": 7}
    )
    desk.post("/bureau/audit/export/", {"group": "looks"})
    desk.post("/bureau/audit/export/", {"group": "looks"})  # sent twice: one job
    (job,) = jobs.Job.objects.filter(kind=actions.JOB)
    running.run(job.pk)
    _, content = jobs.fetch_file(job.pk, by=lead)

    rows = list(load_workbook(BytesIO(content))["留痕"].iter_rows(values_only=True))
    assert rows[0][:4] == ("时间", "经办人", "组织", "事项")
    assert [row[1:6] for row in rows[1:]] == [("李敏", "云霄路社区", "查看名单", "云霄路社区", "7 人")]
    assert AuditEntry.objects.filter(action__in=("audit.export_ordered", "audit.exported")).count() == 2


def test_who_is_no_lead_any_more_gets_no_file(world: World, lead: User, desk: Client):
    audit.record("people.listed", world.here, by=world.clerk, organisation_id=world.here.pk)
    desk.post("/bureau/audit/export/", {})
    job = jobs.Job.objects.get(kind=actions.JOB)
    Assignment.objects.filter(user=lead).update(role="clerk")
    running.run(job.pk)
    job.refresh_from_db()

    assert (job.state, job.file_id) == ("failed", None)
    assert browser_of(world.bureau_clerk).post("/bureau/audit/export/", {}).status_code == 403


def test_the_menu_offers_it_to_leads_only(world: World, desk: Client):
    link = 'href="/bureau/audit/"'

    assert link in text_of(desk.get("/bureau/people/"))
    assert link not in text_of(browser_of(world.bureau_clerk).get("/bureau/people/"))
    assert link not in text_of(browser_of(world.street_clerk).get("/bureau/people/"))
