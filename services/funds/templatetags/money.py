"""{% load money %}: amounts in 分 as 元."""

from django import template

from services.funds import sums

register = template.Library()
register.filter("yuan", sums.yuan)
