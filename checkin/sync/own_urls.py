from django.urls import URLPattern

app_name = "told"
urlpatterns: list[URLPattern] = []
