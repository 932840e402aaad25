from django.apps import AppConfig


class ServicesRequestsConfig(AppConfig):
    name = "services.requests"
    label = "services_requests"
    verbose_name = "需求与服务"

    def ready(self) -> None:
        """Follow what the rooms below announce: deaths, moves, closings, merges; add figures to theirs."""
        from communities.calendar import registry as calendar
        from communities.organisations import registry as organisations
        from members.people import registry as people
        from members.units import registry as units

        from . import actions, columns, erasing, matters

        columns.register()
        matters.register()
        organisations.on_unit_closed.append(actions.follow_closed)
        organisations.on_community_closed.append(actions.follow_closed)
        units.people_of_units.append(actions.people_of_units)
        units.on_joined.append(actions.follow_joined)
        units.on_people_moved.append(actions.follow_moved_people)
        calendar.on_year_entered.append(actions.reschedule_year)
        people.on_changed.append(actions.follow_change)
        people.on_death.append(actions.close_at_death)
        people.on_death_undone.append(actions.reopen_after_death)
        people.plan_merge.append(actions.plan_merge)
        people.erasers.append(people.Eraser(erasing.COVERS, erasing.erase))
