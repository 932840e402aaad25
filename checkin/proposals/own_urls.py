from django.urls import URLPattern

app_name = "own_proposals"
urlpatterns: list[URLPattern] = []
