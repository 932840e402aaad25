"""The peer of every page: Django's own admin list of the same rows, with the columns of our pending list.

Everything is the stock way: count(*), pages by offset, search by LIKE. Only what makes it fair is set: the
rows a page, and the joins that the columns need.

Beside it the bare view as a logged-in user sees it through our middleware: what no page of ours can undercut.
"""

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.urls import path

from checkin.record.models import CheckIn
from huifeng.display.slices import PAGE

from .bare import one_row


class StockList(admin.ModelAdmin):
    list_display = ("retiree", "address", "unit", "channel", "submitted_at", "due_on", "state")
    list_filter = ("state", "channel")
    list_select_related = ("retiree", "unit")
    list_per_page = PAGE
    search_fields = ("number", "retiree__name", "retiree__name_pinyin")


site = admin.AdminSite()
site.register(CheckIn, StockList)
urlpatterns = [
    path("admin/", site.urls),
    path("framed/<int:pk>", login_required(one_row)),
    path("login/", one_row, {"pk": 0}, name="login"),
]
