from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from checkin.proposals import actions
from checkin.proposals.models import ChangeProposal, ChangeProposalQuerySet

from .. import actions as actions_of_api
from ..models import Purpose
from ..serializers import others as forms
from ..serializers.common import page_of
from .endpoint import Endpoint, account_of, asked, once, page, said, token_of


class Proposals(Endpoint):
    """What the organisation has to answer or has answered, and what it proposed itself."""

    purposes = {"GET": Purpose.READ}

    @extend_schema(
        operation_id="proposals",
        summary="更正建议",
        parameters=[forms.ProposalQuery],
        responses=page_of(forms.Proposal),
    )
    def get(self, request: Request) -> Response:
        wanted = asked(request, forms.ProposalQuery)
        rows = _ours(request)
        if "state" in wanted:
            rows = rows.filter(state=wanted["state"])
        found, following = page(rows.select_related("organisation", "desk"), wanted)
        actions_of_api.note_list(token_of(request), "proposals", len(found))
        return Response({"items": forms.Proposal(found, many=True).data, **following})


class Accept(Endpoint):
    """The owner takes the value over; refused (412) when the value was changed since it was proposed."""

    purposes = {"POST": Purpose.WRITE}

    @extend_schema(
        operation_id="accept", summary="采纳更正建议", request=forms.AnswerBody, responses=forms.Proposal
    )
    @once
    def post(self, request: Request, pk: int) -> Response:
        _found(request, pk)
        return _answer(actions.accept(pk, by=account_of(request), **said(request, forms.AnswerBody)))


class Refuse(Endpoint):
    purposes = {"POST": Purpose.WRITE}

    @extend_schema(
        operation_id="refuse", summary="不采纳，说明理由", request=forms.RefusalBody, responses=forms.Proposal
    )
    @once
    def post(self, request: Request, pk: int) -> Response:
        _found(request, pk)
        return _answer(actions.refuse(pk, by=account_of(request), **said(request, forms.RefusalBody)))


class Withdraw(Endpoint):
    purposes = {"POST": Purpose.WRITE}

    @extend_schema(
        operation_id="withdraw", summary="撤回自己的建议", request=forms.Nothing, responses=forms.Proposal
    )
    @once
    def post(self, request: Request, pk: int) -> Response:
        _found(request, pk)
        said(request, forms.Nothing)
        return _answer(actions.withdraw(pk, by=account_of(request)))


def _ours(request: Request) -> ChangeProposalQuerySet:
    organisation = token_of(request).organisation
    return ChangeProposal.objects.visible_to(account_of(request)).for_organisation(organisation)


def _found(request: Request, pk: int) -> ChangeProposal:
    return get_object_or_404(_ours(request), pk=pk)


def _answer(row: ChangeProposal) -> Response:
    return Response(forms.Proposal(row).data)
