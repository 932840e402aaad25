from typing import Any

from django.core.management.commands import migrate

from huifeng.embedded import roles


class Command(migrate.Command):
    """Django's migrate, as the owner: extensions first, the application role's rights last."""

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check_unapplied"] or options["plan"]:
            super().handle(*args, **options)
            return
        roles.create_extensions()
        with roles.as_owner():
            super().handle(*args, **options)
        roles.grant_app_role()
