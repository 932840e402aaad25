from django.apps import AppConfig


class CheckinSyncConfig(AppConfig):
    name = "checkin.sync"
    label = "checkin_sync"
    verbose_name = "通知往来"

    def ready(self) -> None:
        from huifeng import retention

        """Tell the other side of what changes on the lower floors."""
        from members.people import registry as people
        from members.roster import registry as roster
        from members.units import registry as units

        from . import erasing, notices, periods, rosters  # noqa: F401 -- the period is declared by being read

        people.on_changed.append(notices.tell_changed)
        people.on_death.append(notices.tell_death)
        people.on_death_undone.append(notices.tell_death_undone)
        roster.on_written += [rosters.tell_changes, rosters.tell_new]
        units.on_joined.append(notices.tell_joined)
        people.erasers.append(people.Eraser(erasing.COVERS, erasing.erase))
        from communities.notices.actions import WORDS_STAY

        retention.declare(
            retention.Kept(
                "what notices about people say",
                WORDS_STAY,
                "they were made",
                "checkin.sync.periodic.forget_old",
                "that it was sent and signed for",
            ),
        )
