from django.apps import AppConfig


class CheckinRecordConfig(AppConfig):
    name = "checkin.record"
    label = "checkin_record"
    verbose_name = "报到"

    def ready(self) -> None:
        from huifeng import retention

        """Take part in what the lower floors announce: closings, deaths, a new calendar, who concerns whom."""
        from communities.calendar import registry as calendar
        from communities.organisations import registry as organisations
        from huifeng.display.frames import frames
        from members.exports import registry as exports
        from members.people import registry as people
        from members.units import registry as units

        from . import actions, erasing, exporting, permissions, rows
        from .views.frame import frame_of

        rows.declare()
        organisations.on_unit_closed.append(actions.follow_closed_unit)
        organisations.on_community_closed.append(actions.follow_closed_community)
        units.people_of_units.append(permissions.people_of_units)
        units.counted.append(actions.count_for_units)
        units.on_people_moved.append(actions.follow_moved_people)
        units.on_joined.append(actions.follow_transfer)
        units.changed_since.append(actions.decided_since)
        calendar.on_year_entered.append(actions.reschedule_year)
        people.on_changed.append(actions.follow_restriction)
        people.on_death.append(actions.end_at_death)
        people.on_death_undone.append(actions.restore_after_death)
        people.told_of.append(actions.told_of)
        people.plan_merge.append(actions.plan_merge)
        people.on_merged.append(actions.follow_merge)
        people.on_unmerged.append(actions.follow_unmerge)
        people.concerned_by.append(permissions.concerns)
        people.communities_of.append(permissions.communities_of)
        people.held_by_communities.append(permissions.held_by_communities)
        frames.append(frame_of)
        exports.lists |= exporting.LISTS
        exports.groups.append(exporting.GROUP)
        people.erasers.append(people.Eraser(erasing.COVERS, erasing.erase))
        from .actions import forgetting

        retention.declare(
            retention.Kept(
                "drafts nobody handed in",
                forgetting.DRAFT_STAYS,
                "they were begun",
                "checkin.record.periodic.forget_old",
                "that there was one",
            ),
            retention.Kept(
                "photographs no row names",
                forgetting.ORPHAN_STAYS,
                "they were written",
                "checkin.record.periodic.forget_old",
            ),
        )
