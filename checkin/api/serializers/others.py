"""Changes, proposals, and what a system needs to map its own words to ours."""

from rest_framework import serializers

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
