from django.apps import AppConfig


class ServicesFundsConfig(AppConfig):
    name = "services.funds"
    label = "services_funds"
    verbose_name = "帮扶资金与补贴"

    def ready(self) -> None:
        from communities.organisations import registry as organisations
        from members.people import registry as people

        from . import actions, counting, erasing

        organisations.on_unit_closed.append(actions.follow_closed)
        organisations.on_community_closed.append(actions.follow_closed)
        people.on_death.append(actions.end_at_death)
        people.on_death_undone.append(actions.reopen_after_death)
        people.plan_merge.append(actions.plan_merge)
        counting.register()
        people.erasers.append(people.Eraser(erasing.COVERS, erasing.erase))
