"""/a/<token>/: what the poster's code opens."""

from django.urls import path

from .views import arrive

app_name = "arrivals"
urlpatterns = [path("<str:token>/", arrive.arrive, name="arrive")]
