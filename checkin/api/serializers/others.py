"""Changes, proposals, and what a system needs to map its own words to ours."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from checkin.proposals import values
from checkin.proposals.models import ChangeProposal
from communities.notices.models import Notice
from communities.organisations.models import Organisation as OrganisationRow

from .common import OrganisationRef, PageQuery, Strict

DELIVERED = [choice for choice in Notice.State.choices if choice[0] != Notice.State.PENDING]
Answer = Notice.State


class Change(serializers.Serializer):
    number = serializers.IntegerField(help_text="本组织的序号，从 1 起，不跳号")
    kind = serializers.CharField()
    person = serializers.IntegerField(allow_null=True)
    words = serializers.CharField()
    data = serializers.DictField()
    sender = OrganisationRef(allow_null=True)
    state = serializers.ChoiceField(choices=DELIVERED)
    created_at = serializers.DateTimeField()
    delivered_at = serializers.DateTimeField()
    receipt_due_on = serializers.DateField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    answer = serializers.CharField()


class ReceiptBody(Strict):
    state = serializers.ChoiceField(
        choices=[(choice.value, choice.label) for choice in (Answer.ACKNOWLEDGED, Answer.DISPUTED)]
    )
    words = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default="", help_text="有异议时必填"
    )


class ProposalQuery(PageQuery):
    state = serializers.ChoiceField(choices=ChangeProposal.State, required=False)


class Proposal(serializers.Serializer):
    """Numbers are masked; `field` "" says in `why` what is wrong."""

    id = serializers.IntegerField()
    person = serializers.IntegerField(source="retiree_id")
    field = serializers.CharField()
    old = serializers.SerializerMethodField()
    new = serializers.SerializerMethodField()
    why = serializers.CharField()
    source = serializers.ChoiceField(choices=ChangeProposal.Source)
    proposed_by = OrganisationRef(allow_null=True, source="organisation", help_text="本人或家人提出的为 null")
    desk = OrganisationRef(help_text="由谁答复")
    state = serializers.ChoiceField(choices=ChangeProposal.State)
    reason = serializers.CharField(help_text="答复说明")
    created_at = serializers.DateTimeField()
    due_on = serializers.DateField()
    decided_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field({"description": "提出时的值"})
    def get_old(self, row: ChangeProposal) -> Any:
        return self._said(row, row.old)

    @extend_schema_field({"description": "建议的值"})
    def get_new(self, row: ChangeProposal) -> Any:
        return self._said(row, row.new)

    def _said(self, row: ChangeProposal, value: Any) -> Any:
        return values.say(row.field, value) if row.field in values.NUMBERS else value


class AnswerBody(Strict):
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class RefusalBody(Strict):
    reason = serializers.CharField(max_length=200, help_text="提出的人会看到")


class Nothing(Strict):
    """A body that says nothing."""


class Code(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()
    roll_up = serializers.CharField()
    is_active = serializers.BooleanField()


class CodeList(serializers.Serializer):
    list = serializers.CharField()
    items = Code(many=True)


class OrganisationQuery(PageQuery):
    q = serializers.CharField(max_length=60, required=False, help_text="名称的一部分，或编码的开头")
    kind = serializers.ChoiceField(choices=OrganisationRow.Kind, required=False)


class Organisation(serializers.Serializer):
    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=OrganisationRow.Kind)
    division = serializers.CharField(allow_null=True, source="division_id", help_text="区划代码")
    closed_on = serializers.DateField(allow_null=True)
    successor = serializers.CharField(allow_null=True, source="successor.code", default=None)
