from django.urls import path, register_converter

from checkin.record.views import papers

app_name = "papers"


class Suffix:
    """What a paper can be had as."""

    regex = "pdf|png"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Suffix, "paper_suffix")

urlpatterns = [
    path("<int:checkin_id>/<slug:key>.<paper_suffix:suffix>", papers.sheet, name="sheet"),
    path("consent/<int:pk>.jpg", papers.consent, name="consent"),
    path("ceremony/<int:ceremony_id>/<slug:key>.pdf", papers.ceremony, name="ceremony"),
]
