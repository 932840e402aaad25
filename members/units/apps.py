from django.apps import AppConfig


class MembersUnitsConfig(AppConfig):
    name = "members.units"
    label = "members_units"
    verbose_name = "单位关系"

    def ready(self) -> None:
        from communities.organisations import registry as organisations
        from huifeng.jobs import registry as jobs
        from members.people import registry as people

        from . import actions, erasing, permissions, rows
        from .actions import carrying, locking

        jobs.add(jobs.Kind(carrying.JOB, carrying.run))
        organisations.people_first = locking
        rows.declare()
        people.units = actions
        people.concerned_by += [
            permissions.members_of,
            permissions.claimants_of,
            permissions.members_in_area,
        ]
        organisations.on_unit_closed.append(actions.follow_reorganisation)
        people.erasers.append(people.Eraser(erasing.COVERS, erasing.erase))
