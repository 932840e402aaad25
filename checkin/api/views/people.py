from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from checkin.reconciliation import actions as reconciliation
from checkin.record.models import CheckIn, State
from checkin.record.permissions import visible_to
from communities.organisations.models import Organisation
from huifeng.errors import RuleBroken
from members.people import actions as people
from members.people.models import Retiree
from members.units.models import UnitMembership

from .. import actions, shown
from ..models import Purpose
from ..serializers import people as forms
from ..serializers.common import page_of
from .endpoint import Endpoint, account_of, asked, etag, once, page, said, token_of, version_in


class People(Endpoint):
    """Everybody the organisation deals with; numbers are masked."""

    purposes = {"GET": Purpose.READ, "POST": Purpose.WRITE}

    @extend_schema(
        operation_id="people",
        summary="人员列表",
        parameters=[forms.PeopleQuery],
        responses=page_of(forms.Person),
    )
    def get(self, request: Request) -> Response:
        rows = Retiree.objects.visible_to(account_of(request))
        wanted = asked(request, forms.PeopleQuery)
        found, following = page(rows, wanted)
        actions.note_list(token_of(request), "people", len(found))
        return Response({"items": _described(found, request), **following})

    @extend_schema(
        operation_id="enrol",
        summary="单位登记一位老同志",
        request=forms.Enrolment,
        responses={201: forms.Person},
    )
    @once
    def post(self, request: Request) -> Response:
        unit = token_of(request).organisation
        if unit.kind != Organisation.Kind.UNIT:
            raise RuleBroken("只有单位能登记本单位的老同志。", code="not_a_unit")
        made = people.enrol(said(request, forms.Enrolment), unit.pk, by=account_of(request))
        headers = etag(made.version) | {"Location": reverse("api:person", args=[made.pk])}
        return Response(_described([made], request)[0], 201, headers=headers)


class Person(Endpoint):
    """One person; ID number and phones in full for tokens that may have them, each look written down."""

    purposes = {"GET": Purpose.READ, "PATCH": Purpose.WRITE}

    @extend_schema(operation_id="person", summary="一位老同志", responses=forms.Person)
    def get(self, request: Request, pk: int) -> Response:
        person, token = _found(request, pk), token_of(request)
        in_full = token.is_for(Purpose.IDENTITY)
        if in_full:
            person = actions.reveal(pk, token=token)
        else:
            actions.note_look(person, token=token)
        return Response(_described([person], request, in_full=in_full)[0], headers=etag(person.version))

    @extend_schema(
        operation_id="change_person",
        summary="改一位老同志的资料",
        description="归本组织管的字段直接改；归另一方管的成为更正建议。",
        request=forms.PersonChange,
        responses=forms.PersonChanged,
    )
    @once
    def patch(self, request: Request, pk: int) -> Response:
        version, change = version_in(request), said(request, forms.PersonChange)
        _found(request, pk)
        done = actions.change_person(
            pk, change["values"], token=token_of(request), version=version, why=change["why"]
        )
        version = done.person.version
        body = {"id": pk, "version": version, "outcomes": done.outcomes, "proposals": done.proposals}
        return Response(body, headers=etag(version))


class LookUp(Endpoint):
    """Whether somebody with this ID number is among the organisation's people."""

    purposes = {"POST": Purpose.IDENTITY}

    @extend_schema(
        operation_id="look_up", summary="按证件号查找", request=forms.LookUp, responses=forms.LookedUp
    )
    def post(self, request: Request) -> Response:
        number = said(request, forms.LookUp)["id_number"].upper()
        person = actions.look_up(number, token=token_of(request))
        return Response({"person": _described([person], request)[0] if person else None})


class Death(Endpoint):
    """Say that somebody died; the unit's side confirms it."""

    purposes = {"POST": Purpose.WRITE}

    @extend_schema(
        operation_id="report_death", summary="登记去世", request=forms.DeathReport, responses=forms.Death
    )
    @once
    def post(self, request: Request, pk: int) -> Response:
        _found(request, pk)
        death = people.report_death(pk, by=account_of(request), **said(request, forms.DeathReport))
        return Response(forms.Death(death).data)


class Digest(Endpoint):
    """What the other system holds of our people, for the reconciliation."""

    purposes = {"POST": Purpose.WRITE}

    @extend_schema(
        operation_id="post_digest", summary="提交对账摘要", request=forms.Digest, responses=forms.DigestTaken
    )
    @once
    def post(self, request: Request) -> Response:
        given = said(request, forms.Digest)
        items = {item.pop("person"): item for item in given["items"]}
        by, organisation = account_of(request), token_of(request).organisation
        digest = reconciliation.keep_digest(organisation, items, run=given["run"], by=by)
        ours = Retiree.objects.visible_to(by).filter(pk__in=items).values_list("pk", flat=True)
        unknown = sorted(items.keys() - set(ours))
        return Response({"run": digest.run, "accepted": digest.count, "unknown": unknown})


def _found(request: Request, pk: int) -> Retiree:
    return get_object_or_404(Retiree.objects.visible_to(account_of(request)), pk=pk)


def _described(people: Sequence[Retiree], request: Request, *, in_full: bool = False) -> list[dict[str, Any]]:
    """The people as the token's organisation may see them. Two queries for any number."""
    keys = [person.pk for person in people]
    memberships = UnitMembership.objects.open().filter(retiree__in=keys).select_related("unit")
    checkins: dict[int, list[CheckIn]] = defaultdict(list)
    states = (*CheckIn.AT_DESK, State.CONFIRMED)
    rows = visible_to(account_of(request)).filter(retiree__in=keys, state__in=states)
    for row in rows.select_related("community").order_by("pk"):
        checkins[row.retiree_id].append(row)
    context = {
        "shown": shown.fields_for(token_of(request).organisation),
        "in_full": in_full,
        "units": {row.retiree_id: row.unit for row in memberships},
        "checkins": checkins,
    }
    serializer = forms.Person(context=context)
    return [serializer.to_representation(person) for person in people]
