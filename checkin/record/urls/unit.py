from django.urls import path

from checkin.record.views import ceremony, persons, unit

from . import desk

app_name = "unit"
urlpatterns = [
    path("", unit.home, name="home"),
    path("people/new/", persons.enrol, name="enrol"),
    path("people/<int:pk>/edit/", persons.edit_unit_fields, name="edit"),
    path("people/<int:pk>/remind/", persons.remind, name="remind"),
    path("ceremonies/", ceremony.ceremonies, name="ceremonies"),
    path("ceremonies/new/", ceremony.new, name="ceremony_new"),
    path("ceremonies/check/", ceremony.check, name="ceremony_check"),
    path("ceremonies/<int:pk>/", ceremony.ceremony, name="ceremony"),
    *desk.patterns,
]
