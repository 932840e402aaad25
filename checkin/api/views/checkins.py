from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from checkin.record import actions
from checkin.record.lists import with_people
from checkin.record.models import CheckIn, CheckInEvent
from checkin.record.permissions import visible_to
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken

from .. import actions as actions_of_api
from ..models import Purpose
from ..serializers import checkins as forms
from ..serializers.common import page_of
from .endpoint import Endpoint, account_of, asked, etag, once, page, said, token_of, version_in


class CheckIns(Endpoint):
    """Check-ins that concern the organisation, from their submission on."""

    purposes = {"GET": Purpose.READ}

    @extend_schema(
        operation_id="checkins",
        summary="报到列表",
        parameters=[forms.CheckInQuery],
        responses=page_of(forms.CheckIn),
    )
    def get(self, request: Request) -> Response:
        wanted = asked(request, forms.CheckInQuery)
        rows = visible_to(account_of(request)).exclude(number="")
        if "state" in wanted:
            rows = rows.filter(state=wanted["state"])
        if "changed_after" in wanted:
            events = CheckInEvent.objects.filter(at__gt=wanted["changed_after"])
            rows = rows.filter(pk__in=events.values("checkin"))
        cut, following = page(rows.only("pk"), wanted)  # who is on the page first: wide rows are not sorted
        found = with_people(CheckIn.objects.filter(pk__in=[row.pk for row in cut])).order_by("pk")
        actions_of_api.note_list(token_of(request), "checkins", len(cut))
        return Response({"items": forms.CheckIn(found, many=True).data, **following})


class One(Endpoint):
    purposes = {"GET": Purpose.READ}

    @extend_schema(operation_id="checkin", summary="一件报到", responses=forms.CheckIn)
    def get(self, request: Request, number: str) -> Response:
        row = _found(request, number)
        actions_of_api.note_look(row.retiree, token=token_of(request))
        return _answer(row)


class Act(Endpoint):
    """One act of a desk on a check-in. `body`: what is said with it; `act` calls the action."""

    purposes = {"POST": Purpose.WRITE}
    body: type[Serializer]

    @once
    def post(self, request: Request, number: str) -> Response:
        version, words = version_in(request), said(request, self.body)
        row = _found(request, number)
        return _answer(self.act(row.pk, by=account_of(request), version=version, **words))

    def act(self, checkin_id: int, *, by: User, version: int, **words: Any) -> CheckIn:
        raise NotImplementedError


@extend_schema_view(
    post=extend_schema(
        operation_id="verify", summary="单位核实", request=forms.VerifyBody, responses=forms.CheckIn
    )
)
class Verify(Act):
    body = forms.VerifyBody

    def act(self, checkin_id: int, *, by: User, version: int, **words: Any) -> CheckIn:
        return actions.verify(checkin_id, by=by, version=version, **words)


@extend_schema_view(
    post=extend_schema(
        operation_id="return", summary="请本人补充", request=forms.ReturnBody, responses=forms.CheckIn
    )
)
class Return(Act):
    body = forms.ReturnBody

    def act(self, checkin_id: int, *, by: User, version: int, **words: Any) -> CheckIn:
        return actions.return_to_person(checkin_id, by=by, version=version, **words)


@extend_schema_view(
    post=extend_schema(
        operation_id="confirm", summary="社区确认", request=forms.ConfirmBody, responses=forms.CheckIn
    )
)
class Confirm(Act):
    body = forms.ConfirmBody

    def act(self, checkin_id: int, *, by: User, version: int, **words: Any) -> CheckIn:
        return actions.confirm(checkin_id, by=by, version=version, **words)


@extend_schema_view(
    post=extend_schema(
        operation_id="forward", summary="转到别的社区", request=forms.ForwardBody, responses=forms.CheckIn
    )
)
class Forward(Act):
    body = forms.ForwardBody

    def act(self, checkin_id: int, *, by: User, version: int, **words: Any) -> CheckIn:
        code = words.pop("community")
        community = Organisation.objects.filter(code=code, kind=Organisation.Kind.COMMUNITY).first()
        if community is None:
            raise RuleBroken("没有这个编码的社区，请用 /organisations 查编码。", code="no_such_community")
        return actions.forward(checkin_id, by=by, version=version, community_id=community.pk, **words)


def _found(request: Request, number: str) -> CheckIn:
    return get_object_or_404(with_people(visible_to(account_of(request))), number=number)


def _answer(row: CheckIn) -> Response:
    return Response(forms.CheckIn(row).data, headers=etag(row.version))
