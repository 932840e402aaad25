"""Data goes when its time is over, by itself, and the table in docs/retention.md says what the code does."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from checkin.proposals.actions import forgetting as proposals
from checkin.record import actions as record
from checkin.rights import actions
from checkin.rights.models import ErasureRequest
from communities.notices import actions as notices
from communities.notices.models import Notice
from huifeng import retention
from huifeng.accounts import actions as accounts
from huifeng.accounts.models import LoginCode, User
from huifeng.schedule import SCHEDULE
from members.people.actions import claims, helping
from members.people.models import HelperRequest, IdentityClaim, Retiree
from members.units.models import UnitMembership
from tests.checkin.world import World, again
from tests.communities.factories import UserFactory
from tests.members.factories import RetireeFactory, make_account, make_phone

pytestmark = pytest.mark.django_db
YEARS = timedelta(days=366)


def ago(time: timedelta) -> object:
    return timezone.now() - time


def test_the_table_in_the_docs_is_the_one_in_the_code() -> None:
    text = (Path(__file__).parents[3] / "docs" / "retention.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+?) \| (\d+) \| ([^|]+?) \| ([^|]+?) \| `([\w.]+)` \|$", text, re.MULTILINE)

    assert {(k.what, str(k.time.days), k.since, k.then, k.task) for k in retention.kept} == set(rows)
    assert {k.task for k in retention.kept} <= {str(line["task"]) for line in SCHEDULE.values()}


def test_the_dead_are_erased_five_years_after(world: World) -> None:
    long, short = world.member(name="故去久"), world.member(name="故去近")
    Retiree.objects.filter(pk=long.pk).update(died_on=timezone.localdate() - 5 * YEARS)
    Retiree.objects.filter(pk=short.pk).update(died_on=timezone.localdate() - 4 * YEARS)

    assert actions.erase_what_is_over(by=User.objects.system()) == 1
    assert actions.erase_what_is_over(by=User.objects.system()) == 0

    assert Retiree.objects.get(pk=long.pk).erased_at is not None
    assert Retiree.objects.get(pk=short.pk).name == "故去近"
    assert ErasureRequest.objects.get().source == "retention"


def test_who_left_everything_is_erased_five_years_after(world: World) -> None:
    gone, member, new = (
        world.member(name="离开人"),
        world.member(name="在册人"),
        RetireeFactory(name="新来人"),
    )
    UnitMembership.objects.filter(retiree=gone).update(valid_until=timezone.localdate() - 5 * YEARS)
    Retiree.objects.filter(pk__in=[gone.pk, member.pk]).update(
        created_at=ago(6 * YEARS), updated_at=ago(5 * YEARS)
    )

    actions.erase_what_is_over(by=User.objects.system())

    erased = Retiree.objects.exclude(erased_at=None).values_list("pk", flat=True)
    assert list(erased) == [gone.pk]
    assert Retiree.objects.people().filter(pk__in=[member.pk, new.pk]).count() == 2


def test_a_draft_is_forgotten_after_half_a_year(world: World) -> None:
    old, new = world.draft(), world.draft()
    type(old).objects.filter(pk=old.pk).update(created_at=ago(timedelta(days=181)))

    done = [record.forget_old(by=User.objects.system())["drafts"] for _ in range(2)]

    assert done == [1, 0]
    assert (again(old).state, again(old).address) == ("withdrawn", "")
    assert (again(new).state, again(new).address != "") == ("draft", True)


def test_photographs_no_row_names_are_swept(settings: object, tmp_path: Path) -> None:
    settings.FILES = tmp_path  # type: ignore[attr-defined]
    from checkin.record import photos

    name = photos.store(b"x")

    assert photos.sweep({name}, older_than=-1) == 0
    assert photos.sweep(set(), older_than=60) == 0
    assert photos.sweep(set(), older_than=-1) == 1


def test_digits_requests_claims_notices_and_proposals_are_forgotten(world: World) -> None:
    account, person = make_account(make_phone(1)), world.member()
    LoginCode.objects.create(
        user=account, digits="123456", sent_at=ago(2 * retention.DAY), expires_at=ago(2 * retention.DAY)
    )
    HelperRequest.objects.create(
        user=account, name="某", relation="son", elder_name="某", elder_birth_month="1950-03", code_hash=b"0" * 32,
        elder_phone=make_phone(2), state="expired", expires_at=ago(91 * retention.DAY),
    )  # fmt: skip
    IdentityClaim.objects.create(
        user=UserFactory(), retiree=person, desk=world.unit, name="某人", birth_month="1950-03", phone=make_phone(3),
        state="refused", decided_at=ago(YEARS), decided_by=world.unit_clerk,
    )  # fmt: skip
    checkin = world.waiting_for_unit(person)
    Notice.objects.update(created_at=ago(3 * YEARS))
    proposal = person.change_proposals.get()
    proposal.state, proposal.decided_at, proposal.decided_by = "accepted", ago(3 * YEARS), world.unit_clerk
    proposal.save()

    first = [
        accounts.forget_codes(), helping.forget_old_requests(), claims.forget_old_claims(), notices.forget_old(),
        proposals.forget_old(),
    ]  # fmt: skip
    second = [
        accounts.forget_codes(), helping.forget_old_requests(), claims.forget_old_claims(), notices.forget_old(),
        proposals.forget_old(),
    ]  # fmt: skip

    assert first[:3] + first[4:] == [1, 1, 1, 1]
    assert first[3] == Notice.objects.filter(person=person.pk, words="已过保存期限").count() > 0
    assert second == [0, 0, 0, 0, 0]
    assert checkin.number
    claim = IdentityClaim.objects.get()
    assert (claim.name, claim.phone, claim.state) == ("", "", "refused")
