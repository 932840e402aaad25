"""{% load handbook %}: headings that fit a page of its own and the whole book."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def h(context: template.Context, words: str) -> SafeString:
    """A question of a page: h2 below the page's h1, h3 in the whole book."""
    level = 3 if context.get("whole") else 2
    return format_html("<h{}>{}</h{}>", level, words, level)
