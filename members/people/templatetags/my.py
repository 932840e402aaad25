"""{% load my %}: addresses of pages of the person this page is about."""

from typing import Any

from django import template

from members.people.acting import address_of

register = template.Library()


@register.simple_tag(takes_context=True)
def my(context: template.Context, name: str, **kwargs: Any) -> str:
    """The address of `name`, for oneself or for the person one helps, as the present page."""
    return address_of(context["request"], name, **kwargs)
