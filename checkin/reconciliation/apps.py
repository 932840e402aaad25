from django.apps import AppConfig


class CheckinReconciliationConfig(AppConfig):
    name = "checkin.reconciliation"
    label = "checkin_reconciliation"
    verbose_name = "对账"

    def ready(self) -> None:
        from huifeng import retention
        from huifeng.jobs import registry as jobs
        from members.people.registry import Eraser, erasers

        from . import actions, erasing, work

        jobs.add(jobs.Kind(actions.JOB, work.run))
        erasers.append(Eraser(erasing.COVERS, erasing.erase))
        from .actions import forgetting

        retention.declare(
            retention.Kept(
                "runs of the reconciliation",
                forgetting.RUNS_KEPT,
                "they were over",
                "checkin.reconciliation.periodic.forget_old",
                "the newest",
            ),
            retention.Kept(
                "what outside systems posted",
                forgetting.POSTINGS_KEPT,
                "it came",
                "checkin.reconciliation.periodic.forget_old",
                "the newest of each",
            ),
        )
