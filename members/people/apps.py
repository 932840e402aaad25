from django.apps import AppConfig


class MembersPeopleConfig(AppConfig):
    name = "members.people"
    label = "members_people"
    verbose_name = "离退休干部"

    def ready(self) -> None:
        from huifeng import retention
        from huifeng.accounts.homes import homes
        from huifeng.accounts.hooks import on_login
        from huifeng.audit import registry as audit

        from . import erasing, rows, shredding
        from .homes import link_at_login, retiree_homes
        from .registry import Eraser, erasers

        rows.declare()
        homes.append(retiree_homes)
        on_login.append(link_at_login)
        audit.note_keepers.append(shredding.keep_note)
        erasers.append(Eraser(erasing.COVERS, erasing.erase))
        from .actions import claims, helping

        retention.declare(
            retention.Kept(
                "requests to help", helping.REQUEST_STAYS, "they ended", "members.people.periodic.forget_old"
            ),
            retention.Kept(
                "what claimants wrote",
                claims.CLAIM_STAYS,
                "the decision",
                "members.people.periodic.forget_old",
                "the decision",
            ),
        )
