from django.apps import AppConfig


class ServicesActivitiesConfig(AppConfig):
    name = "services.activities"
    label = "services_activities"
    verbose_name = "活动"

    def ready(self) -> None:
        """Take part in what the lower floors announce; add columns to the statistics and to the reports."""
        from communities.organisations import registry as organisations
        from members.people import registry as people

        from . import actions, columns, erasing

        organisations.on_unit_closed.append(actions.follow_closed)
        organisations.on_community_closed.append(actions.follow_closed)
        people.on_death.append(actions.end_at_death)
        people.on_death_undone.append(actions.restore_after_death)
        people.told_of.append(actions.told_of)
        people.plan_merge.append(actions.plan_merge)
        people.on_merged.append(actions.follow_merge)
        people.on_unmerged.append(actions.follow_unmerge)
        columns.register()
        people.erasers.append(people.Eraser(erasing.COVERS, erasing.erase))
