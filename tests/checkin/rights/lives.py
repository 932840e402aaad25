"""A person who went through everything the house has, and left words about themselves wherever words can be left."""

from datetime import timedelta

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from checkin.access import actions as access
from checkin.api.models import IdempotentRequest
from checkin.feedback import actions as feedback
from checkin.feedback import files as feedback_files
from checkin.feedback.models import FeedbackMatter, FeedbackReport
from checkin.proposals import actions as proposals
from checkin.reconciliation.models import Drift, ReconciliationRun
from checkin.record import actions as record
from checkin.record.models import CheckIn, ConsentPaper
from checkin.record.photos import store
from checkin.statistics import actions as statistics
from checkin.statistics.months import Month
from checkin.sync.models import DeadLetter, Webhook
from checkin.sync.relay import relay
from communities.notices.models import Notice
from huifeng.accounts.actions import account_for
from huifeng.accounts.models import Session, User
from huifeng.accounts.sessions import SessionStore
from huifeng.audit import actions as audit
from huifeng.jobs import running
from members.duplicates import actions as duplicates
from members.people import actions as people
from members.people.models import HelperRequest, IdentityClaim, Retiree
from tests.checkin.api.systems import system_of
from tests.checkin.statistics.conftest import on
from tests.checkin.world import World
from tests.communities.factories import make_staff
from tests.members import exporting
from tests.members.factories import make_helper, make_id_number, make_member
from tests.members.roster.rosters import imported, planned, row_of

NAME, OLD_NAME, WORDS = "欧阳擎宇", "欧阳擎雨", "擎宇自述"
PHONE, OTHER_PHONE, LANDLINE = "13777001234", "13777005678", "0532-77001234"
ADDRESS, KIN, KIN_PHONE = "湛流干路 77 号 502 户", "欧阳小擎", "13777009999"
NUMBER = make_id_number(4711)
PINYIN = "ouyangqingyu"
ALL = (NAME, OLD_NAME, WORDS, PHONE, OTHER_PHONE, LANDLINE, ADDRESS, KIN, KIN_PHONE, NUMBER, PINYIN)
OCTOBER = Month(2026, 10)


def lived(world: World) -> Retiree:
    """The person, dead since September; October is closed, its reports are sent."""
    boss = make_staff(world.city.city, display_name="王局")
    with on("2026-08-10"):
        person = _came(world)
        _said(world, person)
        _checked_in(world, person)
        _listed(world)
    with on("2026-10-20"):
        death = people.report_death(
            person.pk, timezone.localdate() - timedelta(3), by=world.clerk, cause=WORDS
        )
        people.confirm_death(death.pk, by=world.unit_clerk)
    with on("2026-11-03"):
        statistics.close(OCTOBER, by=boss, explanation="测试")
        feedback.make(OCTOBER, by=boss)
        feedback.send(OCTOBER, by=boss)
        FeedbackReport.objects.filter(lines__retiree=person).update(reply_words=f"{NAME}的情况已知")
        FeedbackMatter.objects.filter(line__retiree=person).update(words=WORDS)
        for report in FeedbackReport.objects.all():
            for suffix in ("xlsx", "pdf"):
                feedback_files.content_of(report, suffix, by=boss)
    _written_about(world, person, boss)
    person.refresh_from_db()
    return person


def _came(world: World) -> Retiree:
    """By a roster, under a name with a slip; then corrected by hand and by a roster; and twice in the register."""
    person = make_member(
        world.unit, name=OLD_NAME, id_number=NUMBER, phone=OTHER_PHONE, original_post=WORDS, skills=WORDS
    )
    imported(world.unit, world.unit_clerk, row_of(person, 姓名=OLD_NAME, 户籍地址=ADDRESS))
    people.update_unit_fields(person.pk, {"name": NAME, "former_name": OLD_NAME}, by=world.unit_clerk)
    twin = make_member(world.unit, name=NAME, id_number="", phone=PHONE, landline=LANDLINE, title=WORDS)
    duplicates.look_again(world.unit.pk, by=world.unit_clerk)
    duplicates.merge(person.pk, twin.pk, by=world.unit_clerk)
    person.refresh_from_db()
    account = account_for(PHONE)
    account.display_name = NAME
    account.save()
    Retiree.objects.filter(pk=person.pk).update(user=account)
    store_ = SessionStore()
    store_["_auth_user_id"], store_["kept"] = str(account.pk), NAME
    store_.save()
    Session.objects.filter(session_key__isnull=False).update(user=account)
    return Retiree.objects.get(pk=person.pk)


def _said(world: World, person: Retiree) -> None:
    user = person.user
    assert user is not None
    people.correct_contact(
        person.pk,
        {"phone": PHONE, "landline": LANDLINE, "residence_address": ADDRESS, "emergency_name": KIN,
         "emergency_relation": "son", "emergency_phone": KIN_PHONE},
        by=user,
    )  # fmt: skip
    make_helper(person, name=KIN)
    asker = make_staff(world.there)
    people.ask_to_help(
        name=KIN, relation="son", elder_name=NAME, birth_month="1950-03", phone=PHONE, by=asker, by_call=True
    )
    people.ask_to_help(
        name=KIN,
        relation="son",
        elder_name=OLD_NAME,
        birth_month="1950-03",
        phone=PHONE,
        by=make_staff(world.there),
    )
    assert HelperRequest.objects.filter(retiree=None).exists()
    IdentityClaim.objects.create(
        user=asker, retiree=person, desk=world.unit, name=NAME, birth_month="1950-03", phone=OTHER_PHONE,
        unit_words=WORDS, reason=WORDS,
    )  # fmt: skip
    proposals.propose(person.pk, {"id_number": make_id_number(4712)}, why=WORDS, by=user)
    answered = proposals.propose(person.pk, {"original_post": f"{WORDS}处长"}, why=WORDS, by=user)[0]
    proposals.refuse(answered.pk, reason=WORDS, by=world.unit_clerk)
    record.add_seasonal_stay(
        person.pk, by=user, community_id=world.there.pk, from_month=11, to_month=3, address=ADDRESS
    )


def _checked_in(world: World, person: Retiree) -> None:
    user = person.user
    assert user is not None
    checkin = record.start(person.pk, by=user)
    record.write_down(
        checkin.pk, by=user, address=ADDRESS, community_id=world.here.pk, data_correct=False, remarks=WORDS
    )
    record.submit(checkin.pk, by=user, consented=True)
    record.verify(checkin.pk, by=world.unit_clerk, words=f"{WORDS}核对过")
    record.return_to_person(checkin.pk, by=world.clerk, reason="address_unclear", words=WORDS)
    record.submit(checkin.pk, by=user, consented=True)
    checkin = CheckIn.objects.get(pk=checkin.pk)
    if checkin.state == "submitted":
        record.verify(checkin.pk, by=world.unit_clerk)
    record.confirm(checkin.pk, by=world.clerk, incomplete_because=WORDS)
    ConsentPaper.objects.create(
        checkin=checkin, file_name=store(f"photo of {NAME}".encode()), sha256="0" * 64, size=1,
        uploaded_by=world.clerk, uploaded_at=timezone.now(),
    )  # fmt: skip
    audit.record("people.revealed", person, by=world.clerk, organisation_id=world.here.pk, note=WORDS)


def _listed(world: World) -> None:
    for clerk, office, wanted in ((world.clerk, world.here, {}), (world.unit_clerk, world.unit, {"q": NAME})):
        job = exporting.order(office, clerk, wanted=wanted, file_format="xlsx")
        exporting.done(job)


def _written_about(world: World, person: Retiree, boss: User) -> None:
    planned(world.unit, world.unit_clerk, row_of(person, 手机号码=PHONE))
    relay()
    notice = Notice.objects.filter(person=person.pk, receiver=world.unit).order_by("pk").first()
    assert notice is not None
    webhook = Webhook.objects.create(
        organisation=world.unit, url="https://example.com/", created_by=world.unit_clerk, secret="whsec_test"
    )
    DeadLetter.objects.create(webhook=webhook, notice=notice, error="500", at=timezone.now(), words=WORDS)
    run = ReconciliationRun.objects.create(by=boss, started_at=timezone.now(), finished_at=timezone.now())
    Drift.objects.create(
        run=run, check_key="people", person=person.pk, field="name", expected=NAME, found=OLD_NAME
    )
    system = system_of(world.unit, "read")
    IdempotentRequest.objects.create(
        account=system.token.account, token=system.token, key="k", fingerprint=b"0" * 32, status=200,
        body=f'{{"name": "{NAME}"}}', created_at=timezone.now(),
    )  # fmt: skip
    for row in (person, person.user):
        LogEntry.objects.create(
            user=boss, content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk),
            object_repr=str(row), action_flag=CHANGE, change_message=NAME,
        )  # fmt: skip
    lead = make_staff(world.city.city, role="lead")
    args = {
        "since": "2026-08-01",
        "until": "2026-11-30",
        "group": "",
        "people": [person.pk],
        "actors": None,
        "offices": None,
    }
    job = access.order_export(world.city.city.pk, args, by=lead)
    running.run(job.pk)
