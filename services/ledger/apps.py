from django.apps import AppConfig


class ServicesLedgerConfig(AppConfig):
    name = "services.ledger"
    label = "services_ledger"
    verbose_name = "台账与积分"

    def ready(self) -> None:
        from communities.organisations import registry as organisations
        from members.people import registry as people

        from . import actions, counting, erasing

        organisations.on_community_closed.append(actions.follow_closed_community)
        people.plan_merge.append(actions.plan_merge)
        people.on_merged.append(actions.follow_merge)
        people.on_unmerged.append(actions.follow_unmerge)
        counting.register()
        people.erasers.append(people.Eraser(erasing.COVERS, erasing.erase))
