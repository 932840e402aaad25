from django.apps import AppConfig


class MembersPartyConfig(AppConfig):
    name = "members.party"
    label = "members_party"
    verbose_name = "党组织"

    def ready(self) -> None:
        from members.people import registry

        from . import actions

        registry.on_death.append(actions.end_at_death)
        registry.on_death_undone.append(actions.restore_after_death)
