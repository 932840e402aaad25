"""What staff type about people."""

from datetime import timedelta

import pytest
from django.utils import timezone

from members.people import actions, fields
from members.people.forms import ContactForm, DeathReportForm, RegistrationForm
from tests.members.factories import make_id_number

pytestmark = pytest.mark.django_db


def test_the_contact_form_shows_what_may_be_written(member):
    form = ContactForm(retiree=member, may=fields.HELPER_MAY)

    assert "phone" not in form.fields
    assert "living_situation" not in form.fields
    assert form.initial["version"] == 1


def test_the_contact_form_gives_what_the_action_takes(city, member, community_clerk):
    member.residence = city.communities[0].division
    member.save()
    data = {"phone": "139-0000-1234", "needs": ["meals"], "living_situation": "alone", "version": "1"}
    form = ContactForm(data, retiree=member, may=fields.COMMUNITY_OWNS)

    assert form.is_valid(), form.errors
    actions.correct_contact(member.pk, form.values, by=community_clerk, version=form.cleaned_data["version"])

    member.refresh_from_db()
    assert (member.phone, member.needs, member.living_situation) == ("13900001234", ["meals"], "alone")


def test_a_wrong_phone_is_told_at_its_box(member):
    form = ContactForm({"phone": "139"}, retiree=member)

    assert form.errors["phone"] == ["手机号少 8 位，应为 11 位"]


def test_the_counter_form_asks_for_number_and_unit():
    form = RegistrationForm({"name": "李淑华", "id_number": "37020219500308001", "kind_of_person": "tuixiu"})

    assert form.errors["id_number"] == ["身份证号少 1 位，应为 18 位"]
    assert form.errors["unit_words"] == ["请选单位，或写下单位名称"]


def test_the_counter_form_takes_a_unit_in_words():
    data = {
        "name": "李淑华",
        "id_number": make_id_number(3),
        "kind_of_person": "tuixiu",
        "unit_words": "第一中学",
    }

    assert RegistrationForm(data).is_valid()


def test_a_death_is_not_in_the_future():
    form = DeathReportForm({"died_on": timezone.localdate() + timedelta(days=1)})

    assert form.errors["died_on"] == ["去世日期不能晚于今天"]
