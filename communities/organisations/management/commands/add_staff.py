import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from communities.organisations import actions
from communities.organisations.models import Assignment, Organisation
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken


class Command(BaseCommand):
    help = "Lets an account work for an organisation, and makes the account where there is none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("organisation", help="the organisation's code")
        parser.add_argument("--role", choices=Assignment.Role.values, default=Assignment.Role.CLERK)
        parser.add_argument("--name", default="", help="姓名 of a new account")
        parser.add_argument(
            "--password-stdin", action="store_true", help="read a new account's password from standard input"
        )

    @transaction.atomic
    def handle(self, *, username: str, organisation: str, role: str, name: str, **options: Any) -> None:
        place = Organisation.objects.filter(code=organisation).first()
        if place is None:
            raise CommandError(f"There is no organisation with code {organisation}.")
        user = User.objects.filter(username=username).first()
        if user is None:
            password = sys.stdin.readline().rstrip("\n") if options["password_stdin"] else None
            user = User.objects.create_user(
                username, password=password or None, display_name=name or username
            )
        try:
            assignment = actions.assign(user.pk, place.pk, role=role, by=User.objects.system())
        except RuleBroken as error:
            raise CommandError(error.message) from error
        self.stdout.write(str(assignment))
