"""What an outside system needs to map its words to ours; and the answer at every other address."""

from django.db.models import Q
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from communities.organisations.models import Organisation
from huifeng.codes.models import CodeValue

from ..serializers import others as forms
from ..serializers.common import page_of
from .endpoint import Endpoint, asked, page


class Codes(Endpoint):
    purposes = {"GET": None}

    @extend_schema(operation_id="codes", summary="代码表", responses=forms.CodeList)
    def get(self, request: Request, name: str) -> Response:
        rows = list(CodeValue.objects.filter(list=name).order_by("order", "code"))
        if not rows:
            raise Http404
        return Response({"list": name, "items": forms.Code(rows, many=True).data})


class Organisations(Endpoint):
    purposes = {"GET": None}

    @extend_schema(
        operation_id="organisations",
        summary="组织机构",
        parameters=[forms.OrganisationQuery],
        responses=page_of(forms.Organisation),
    )
    def get(self, request: Request) -> Response:
        wanted = asked(request, forms.OrganisationQuery)
        rows = Organisation.objects.select_related("successor")
        if q := wanted.get("q"):
            rows = rows.filter(Q(name__contains=q) | Q(code__startswith=q))
        if kind := wanted.get("kind"):
            rows = rows.filter(kind=kind)
        found, following = page(rows, wanted)
        return Response({"items": forms.Organisation(found, many=True).data, **following})


@extend_schema(exclude=True)
class Nowhere(Endpoint):
    """No such address: a problem+json as everywhere else, and 401 to strangers."""

    purposes = {}

    def get(self, request: Request, rest: str) -> Response:
        raise Http404

    post = put = patch = delete = get
