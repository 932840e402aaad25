"""What the bodies and queries of all endpoints have in common."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

BIGGEST = 2**63 - 1


class Strict(serializers.Serializer):
    """Refuses names it does not know: a misspelt field must not be lost in silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(str(name) for name in data if name not in self.fields)
            if unknown:
                words = [ErrorDetail("没有这个字段，请对照文档核对名称。", code="unknown_field")]
                raise serializers.ValidationError(dict.fromkeys(unknown, words))
        return super().to_internal_value(data)


class PageQuery(Strict):
    after = serializers.IntegerField(
        min_value=0, max_value=BIGGEST, default=0, help_text="上一页的 next_after；从头开始为 0"
    )
    limit = serializers.IntegerField(min_value=1, max_value=200, default=50, help_text="每页最多几条")


class NoQuery(Strict):
    """For endpoints without query parameters."""


class OrganisationRef(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()


def page_of(item: type[serializers.Serializer]) -> serializers.Serializer:
    """The shape of a page of `item`."""
    return inline_serializer(
        f"{item.__name__}Page",
        {
            "items": item(many=True),
            "next_after": serializers.IntegerField(help_text="下一页从这里开始；接收变动时请保存"),
            "more": serializers.BooleanField(help_text="后面还有没有"),
        },
    )
