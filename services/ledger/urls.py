"""The counter of the 积分超市, under /community/points/."""

from django.urls import path

from .views import counter

app_name = "points"
urlpatterns = [
    path("", counter.home, name="home"),
    path("goods/", counter.shelf, name="shelf"),
    path("goods/<int:pk>/", counter.goods, name="goods"),
    path("redemptions/<int:pk>/cancel/", counter.cancel, name="cancel"),
    path("entries/<int:pk>/reverse/", counter.reverse, name="reverse"),
    path("people/<int:retiree_id>/", counter.person, name="person"),
    path("people/<int:retiree_id>/<int:goods_id>/", counter.redeem, name="redeem"),
]
