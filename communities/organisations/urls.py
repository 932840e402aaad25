from django.urls import path, register_converter

from . import views


class CodeConverter:
    """A 12-digit division code."""

    regex = r"\d{12}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(CodeConverter, "division")

app_name = "places"
urlpatterns = [
    path("", views.places, name="places"),
    path("street/<division:code>/", views.street, name="street"),
    path("street/<division:code>/add/", views.add, name="add"),
    path("<division:code>/", views.community, name="community"),
    path("<division:code>/rename/", views.rename, name="rename"),
    path("<division:code>/merge/", views.merge, name="merge"),
    path("<division:code>/close/", views.close, name="close"),
    path("<division:code>/contact/", views.contact, name="contact"),
    path("<division:code>/places/", views.add_places, name="add_places"),
    path("<division:code>/places/<int:place_id>/remove/", views.remove_place, name="remove_place"),
]
