from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from communities.organisations import actions
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken


class Command(BaseCommand):
    help = "The last resort: takes away the second factor of an account and logs it out everywhere. Make sure who asks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--reason", required=True, help="why, and how you made sure; it is kept in the audit"
        )

    def handle(self, *, username: str, reason: str, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no account {username}.")
        try:
            count = actions.reset_second_factor(user.pk, by=User.objects.system(), reason=reason)
        except RuleBroken as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{count} taken away" if count else "there was none")
