"""What stands on each paper, as plain words. Nothing more than the paper needs: the ID number is masked."""

from typing import Any

from django.utils import timezone

from checkin.record import periods
from checkin.record.models import CheckIn
from communities.calendar.periods import deadline
from communities.organisations.models import Organisation
from huifeng.codes.labels import label
from huifeng.display import words
from members.party.models import PartyAffiliation
from members.people.partial_dates import in_words

HOTLINE_HOURS = "工作日 8:30—17:30"


def facts_of(checkin: CheckIn) -> dict[str, Any]:
    """Every fact the three papers use; the templates choose. Two queries besides the row's own relations."""
    retiree, community, unit = checkin.retiree, checkin.community, checkin.unit
    today = timezone.localdate()
    age = retiree.age(today)
    valid_until = deadline(periods.LETTER, checkin.submitted_at or checkin.created_at).day
    helper = checkin.helper
    return {
        "number": checkin.number,
        "state": checkin.state,
        "state_words": checkin.get_state_display(),
        "name": retiree.name,
        "sex": retiree.get_sex_display(),
        "age": f"{age}岁" if age is not None else "",
        "ethnicity": label("ethnicity", retiree.ethnicity),
        "id_number": words.mask_id(retiree.id_number),
        "kind": retiree.get_kind_display(),
        "retired_on": in_words(retiree.retired_on),
        "rank": label("rank", retiree.rank),
        "political_status": label("political_status", retiree.political_status),
        "skills": retiree.skills or checkin.declared.get("skills", ""),
        "original_unit": retiree.original_unit,
        "original_post": retiree.original_post,
        "unit": _named(unit),
        "community": _named(community),
        "street": community.parent.name if community and community.parent else "",
        "address": checkin.address,
        "channel": checkin.get_channel_display(),
        "helper": f"由{label('relation', helper.relation)}{helper.name[:1]}某代办" if helper else "",
        "submitted_on": _day(checkin.submitted_at),
        "confirmed_on": _day(checkin.confirmed_at),
        "check_in_on": words.day(checkin.ceremony.held_on)
        if checkin.ceremony
        else _day(checkin.confirmed_at),
        "due_on": words.day(checkin.due_on) if checkin.due_on else "",
        "valid_until": words.day(valid_until),
        "contact": checkin.community_contact or (community.contact if community else ""),
        "contact_phone": checkin.community_phone or (community.phone if community else ""),
        "branch": _branch(checkin),
        "clerk": checkin.confirmed_by.display_name if checkin.confirmed_by else "",
        "printed_on": words.day(today),
        "hours": (community.hours if community else "") or HOTLINE_HOURS,
    }


def _named(organisation: Organisation | None) -> dict[str, str]:
    if organisation is None:
        return {"name": "", "address": "", "phone": "", "contact": ""}
    return {
        "name": organisation.name,
        "address": organisation.address,
        "phone": organisation.phone,
        "contact": organisation.contact,
    }


def _day(moment: Any) -> str:
    return words.day(timezone.localdate(moment)) if moment else ""


def _branch(checkin: CheckIn) -> str:
    """The branch of this community whose life the person joins, if any."""
    if checkin.community is None:
        return ""
    joined = (
        PartyAffiliation.objects.filter(
            retiree=checkin.retiree, valid_until=None, organisation__host=checkin.community
        )
        .select_related("organisation")
        .first()
    )
    return joined.organisation.name if joined else ""
