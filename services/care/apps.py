from django.apps import AppConfig


class ServicesCareConfig(AppConfig):
    name = "services.care"
    label = "services_care"
    verbose_name = "关心照顾"

    def ready(self) -> None:
        """Follow deaths, merges, closings and moves of people; add columns to statistics and reports."""
        from communities.organisations import registry as organisations
        from members.people import registry as people
        from members.units import registry as units

        from . import actions, columns, erasing

        organisations.on_unit_closed.append(actions.follow_closed)
        organisations.on_community_closed.append(actions.follow_closed)
        units.on_joined.append(actions.follow_joined)
        units.on_people_moved.append(actions.follow_moved_people)
        people.on_death.append(actions.end_at_death)
        people.on_death_undone.append(actions.restore_after_death)
        people.plan_merge.append(actions.plan_merge)
        people.on_merged.append(actions.follow_merge)
        people.on_unmerged.append(actions.follow_unmerge)
        columns.register()
        people.erasers.append(people.Eraser(erasing.COVERS, erasing.erase))
