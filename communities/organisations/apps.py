from django.apps import AppConfig


class CommunitiesOrganisationsConfig(AppConfig):
    name = "communities.organisations"
    label = "communities_organisations"
    verbose_name = "组织机构"

    def ready(self) -> None:
        from communities.divisions import registry as divisions
        from huifeng.accounts.homes import homes
        from huifeng.accounts.hooks import works_for_bureau
        from huifeng.jobs.registry import still_acts_for
        from huifeng.rowscope.scope import reaches

        from . import actions, permissions
        from .homes import staff_homes

        homes.append(staff_homes)
        reaches.append(permissions.reach)
        works_for_bureau.append(permissions.works_for_bureau)
        still_acts_for.append(permissions.still_acts_for)
        divisions.managers.append(permissions.may_manage_places)
        divisions.describers.append(permissions.may_describe_place)
        divisions.on_added.append(actions.follow_added)
        divisions.on_renamed.append(actions.follow_renamed)
        divisions.on_closed.append(actions.follow_closed)
