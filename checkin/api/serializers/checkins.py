from rest_framework import serializers

from checkin.record.models import Channel, EndReason, State
from huifeng.codes import labels

from .common import OrganisationRef, PageQuery, Strict

STATES = [choice for choice in State.choices if choice[0] != State.DRAFT]


class CheckIn(serializers.Serializer):
    """A check-in from its submission on; drafts are the person's own."""

    number = serializers.CharField()
    state = serializers.ChoiceField(choices=STATES)
    version = serializers.IntegerField()
    channel = serializers.ChoiceField(choices=Channel)
    person = serializers.IntegerField(source="retiree_id")
    person_name = serializers.CharField(source="retiree.name")
    unit = OrganisationRef(allow_null=True)
    community = OrganisationRef(allow_null=True)
    desk = OrganisationRef(allow_null=True, help_text="现在由谁办")
    address = serializers.CharField()
    data_correct = serializers.BooleanField(allow_null=True)
    remarks = serializers.CharField()
    submitted_at = serializers.DateTimeField()
    verified_at = serializers.DateTimeField(allow_null=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    end_reason = serializers.ChoiceField(choices=EndReason.choices, allow_blank=True)
    return_reason = serializers.CharField(help_text="代码表 return_reason")
    return_words = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
    community_contact = serializers.CharField()
    community_phone = serializers.CharField()


class CheckInQuery(PageQuery):
    state = serializers.ChoiceField(choices=STATES, required=False)
    changed_after = serializers.DateTimeField(
        required=False, help_text="只要这个时刻以后有过变动的。不漏变动请用 /changes"
    )


class VerifyBody(Strict):
    words = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class ReturnBody(Strict):
    reason = serializers.CharField(max_length=40, help_text="代码表 return_reason")
    words = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")

    def validate_reason(self, code: str) -> str:
        if not labels.is_known("return_reason", code):
            raise serializers.ValidationError("不在代码表 return_reason 里。", code="code_unknown")
        return code


class ConfirmBody(Strict):
    contact = serializers.CharField(max_length=60, help_text="社区联系人，会告诉老同志")
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    incomplete_because = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class ForwardBody(Strict):
    community = serializers.CharField(max_length=20, help_text="社区编码")
    words = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
