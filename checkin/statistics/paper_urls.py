"""Included by urls.py at "papers/"."""

from django.urls import path

from .views import papers

urlpatterns = [path("", papers.papers, name="papers")]
