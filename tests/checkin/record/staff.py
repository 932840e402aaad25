"""Logging in as staff, and reading the pages: what every test of the staff pages needs."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from checkin.record.models import CheckIn
from huifeng.accounts.models import User


def browser_of(user: User) -> Client:
    """A browser in which `user` is logged in."""
    client = Client()
    client.force_login(user)
    return client


def text_of(answer: Any) -> str:
    return answer.content.decode()


def overdue_by(checkin: CheckIn, days: int) -> CheckIn:
    """`checkin` as if it had been due `days` days ago (0: today)."""
    due_on = timezone.localdate() - timedelta(days=days)
    CheckIn.objects.filter(pk=checkin.pk).update(due_on=due_on)
    checkin.due_on = due_on
    return checkin
