from django.apps import AppConfig


class CheckinProposalsConfig(AppConfig):
    name = "checkin.proposals"
    label = "checkin_proposals"
    verbose_name = "更正建议"

    def ready(self) -> None:
        from huifeng import retention

        """Follow what the rooms below announce: check-ins handed in, changed people, deaths, closings, merges."""
        from checkin.record import registry as record
        from communities.calendar import registry as calendar
        from communities.organisations import registry as organisations
        from members.people import registry as people
        from members.units import registry as units

        from . import actions, beside, erasing, permissions

        record.on_declared.append(actions.propose_from_declaration)
        record.proposals_about.append(beside.about)
        organisations.on_unit_closed.append(actions.follow_closed)
        organisations.on_community_closed.append(actions.follow_closed)
        units.people_of_units.append(permissions.people_of_units)
        units.on_joined.append(actions.follow_joined)
        units.on_people_moved.append(actions.follow_moved_people)
        calendar.on_year_entered.append(actions.reschedule_year)
        people.on_changed.append(actions.follow_change)
        people.on_death.append(actions.close_at_death)
        people.on_death_undone.append(actions.reopen_after_death)
        people.plan_merge.append(actions.plan_merge)
        people.on_merged.append(actions.follow_merge)
        people.on_unmerged.append(actions.follow_unmerge)
        people.erasers.append(people.Eraser(erasing.COVERS, erasing.erase))
        from .actions import forgetting

        retention.declare(
            retention.Kept(
                "values and words of proposals",
                forgetting.VALUES_STAY,
                "the answer",
                "checkin.proposals.periodic.forget_old",
                "which field, who, when",
            ),
        )
