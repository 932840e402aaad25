from django.apps import AppConfig


class CheckinRecordConfig(AppConfig):
    name = "checkin.record"
    label = "checkin_record"
    verbose_name = "报到"

    def ready(self) -> None:
        """Take part in what the lower floors announce: closings, deaths, a new calendar, who concerns whom."""
        from communities.calendar import registry as calendar
        from communities.organisations import registry as organisations
        from huifeng.display.frames import frames
        from members.exports import registry as exports
        from members.people import registry as people

        from . import actions, exporting, permissions
        from .views.frame import frame_of

        organisations.on_unit_closed.append(actions.follow_closed_unit)
        organisations.on_community_closed.append(actions.follow_closed_community)
        calendar.on_year_entered.append(actions.reschedule_year)
        people.on_changed.append(actions.follow_restriction)
        people.on_death.append(actions.end_at_death)
        people.on_death_undone.append(actions.restore_after_death)
        people.concerned_by.append(permissions.concerns)
        people.communities_of.append(permissions.communities_of)
        people.held_by_communities.append(permissions.held_by_communities)
        frames.append(frame_of)
        exports.lists |= exporting.LISTS
        exports.groups.append(exporting.GROUP)
