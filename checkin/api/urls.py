from django.urls import URLPattern, path, register_converter
from rest_framework.views import APIView

from .views import changes, checkins, people, proposals, reference, schema


class NumberConverter:
    """FX-2026-000001."""

    regex = r"FX-[0-9]{4}-[0-9]{6}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(NumberConverter, "checkin_number")

ENDPOINTS: list[tuple[str, type[APIView], str]] = [
    ("changes", changes.Changes, "changes"),
    ("changes/<int:number>/receipt", changes.Receipt, "receipt"),
    ("people", people.People, "people"),
    ("people/lookup", people.LookUp, "look_up"),
    ("people/<int:pk>", people.Person, "person"),
    ("people/<int:pk>/death", people.Death, "death"),
    ("checkins", checkins.CheckIns, "checkins"),
    ("checkins/<checkin_number:number>", checkins.One, "checkin"),
    ("checkins/<checkin_number:number>/verify", checkins.Verify, "verify"),
    ("checkins/<checkin_number:number>/return", checkins.Return, "return"),
    ("checkins/<checkin_number:number>/confirm", checkins.Confirm, "confirm"),
    ("checkins/<checkin_number:number>/forward", checkins.Forward, "forward"),
    ("proposals", proposals.Proposals, "proposals"),
    ("proposals/<int:pk>/accept", proposals.Accept, "accept"),
    ("proposals/<int:pk>/refuse", proposals.Refuse, "refuse"),
    ("proposals/<int:pk>/withdraw", proposals.Withdraw, "withdraw"),
    ("digest", people.Digest, "digest"),
    ("codes/<slug:name>", reference.Codes, "codes"),
    ("organisations", reference.Organisations, "organisations"),
]

app_name = "api"
urlpatterns: list[URLPattern] = [
    path("schema/", schema.schema, name="schema"),
    *(path(route, view.as_view(), name=name) for route, view, name in ENDPOINTS),
    *(
        path(f"{route}/", view.as_view()) for route, view, _ in ENDPOINTS
    ),  # who adds a slash is understood too
    path("<path:rest>", reference.Nowhere.as_view()),
]
