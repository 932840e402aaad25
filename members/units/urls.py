from django.urls import path

from .views import reorganising, units

app_name = "units"
urlpatterns = [
    path("", units.units, name="units"),
    path("add/", units.add, name="add"),
    path("<int:pk>/", units.unit, name="unit"),
    path("reorganisations/", units.history, name="history"),
    path("reorganisations/new/", reorganising.new, name="new"),
    path("reorganisations/new/<slug:kind>/", reorganising.choose, name="choose"),
    path("reorganisations/new/<slug:kind>/details/", reorganising.details, name="details"),
    path("reorganisations/<int:pk>/", reorganising.reorganisation, name="reorganisation"),
    path("reorganisations/<int:pk>/people/", reorganising.people, name="people"),
    path("reorganisations/<int:pk>/preview/", reorganising.preview, name="preview"),
    path("reorganisations/<int:pk>/start/", reorganising.start, name="start"),
    path("reorganisations/<int:pk>/undo/", reorganising.undo, name="undo"),
]
