from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from checkin.record.lists import told, veiled
from checkin.sync import actions
from communities.notices.models import Notice

from .. import actions as actions_of_api
from ..models import Purpose
from ..serializers.common import PageQuery, page_of
from ..serializers.others import Change, ReceiptBody
from .endpoint import Endpoint, account_of, asked, once, page, said, token_of


class Changes(Endpoint):
    """Notices of the token's organisation in order of their numbers, which have no holes."""

    purposes = {"GET": Purpose.CHANGES}

    @extend_schema(
        operation_id="changes", summary="拉取变动", parameters=[PageQuery], responses=page_of(Change)
    )
    def get(self, request: Request) -> Response:
        rows = Notice.objects.filter(receiver=token_of(request).organisation, number__isnull=False)
        found, following = page(told(rows).select_related("sender"), asked(request, PageQuery), key="number")
        actions_of_api.note_list(token_of(request), "changes", len(found))
        readable = veiled(found, token_of(request).organisation)
        return Response({"items": Change(readable, many=True).data, **following})


class Receipt(Endpoint):
    """Sign for one notice, or dispute it in words."""

    purposes = {"POST": Purpose.CHANGES}

    @extend_schema(operation_id="receipt", summary="签收或提出异议", request=ReceiptBody, responses=Change)
    @once
    def post(self, request: Request, number: int) -> Response:
        ours = Notice.objects.filter(receiver=token_of(request).organisation)
        notice = get_object_or_404(ours, number=number)
        answer, by = said(request, ReceiptBody), account_of(request)
        if answer["state"] == Notice.State.DISPUTED:
            actions.dispute(notice.pk, words=answer["words"], by=by)
        else:
            actions.acknowledge(notice.pk, by=by)
        answered = told(ours).select_related("sender").get(pk=notice.pk)
        return Response(Change(veiled([answered], answered.receiver)[0]).data)
