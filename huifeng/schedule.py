"""What beat starts and when, in Shanghai: one line for each task of a periodic.py; the times are ours."""

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, object]] = {
    "texts": {"task": "huifeng.texts.periodic.deliver_due", "schedule": 30},
    "old-texts": {"task": "huifeng.texts.periodic.forget_old", "schedule": crontab(hour=3, minute=10)},
    "strangers": {
        "task": "huifeng.accounts.periodic.forget_strangers",
        "schedule": crontab(hour=3, minute=20),
    },
    "sessions": {"task": "huifeng.accounts.periodic.forget_sessions", "schedule": crontab(hour=3, minute=30)},
    "helpers": {
        "task": "members.people.periodic.expire_helper_requests",
        "schedule": crontab(hour=3, minute=40),
    },
    "audit-seal": {"task": "huifeng.audit.periodic.seal", "schedule": 60, "options": {"expires": 300}},
    "audit-verify": {"task": "huifeng.audit.periodic.verify", "schedule": crontab(hour=2, minute=10)},
    "audit-anchor": {"task": "huifeng.audit.periodic.anchor", "schedule": crontab(hour=8, minute=10)},
    "unusual-access": {
        "task": "checkin.access.periodic.raise_alerts",
        "schedule": 600,
        "options": {"expires": 600},
    },
    "jobs": {"task": "huifeng.jobs.periodic.take_up", "schedule": 15},
    "old-files": {"task": "huifeng.jobs.periodic.forget_old", "schedule": crontab(hour=3, minute=50)},
    "old-imports": {"task": "members.roster.periodic.forget_old", "schedule": crontab(hour=4, minute=0)},
    "duplicates": {
        "task": "members.duplicates.periodic.search_for_duplicates",
        "schedule": crontab(hour=4, minute=10),
    },
    "notices": {"task": "checkin.sync.periodic.relay_notices", "schedule": 10, "options": {"expires": 300}},
    "webhooks": {"task": "checkin.sync.periodic.send_webhooks", "schedule": 10, "options": {"expires": 300}},
    "digests": {"task": "checkin.sync.periodic.send_digests", "schedule": crontab(hour=8, minute=20)},
    "unsigned": {"task": "checkin.sync.periodic.remind_unsigned", "schedule": crontab(hour=8, minute=40)},
    "reconciliation": {
        "task": "checkin.reconciliation.periodic.reconcile",
        "schedule": crontab(hour=0, minute=20),
    },
    "old-reconciliations": {
        "task": "checkin.reconciliation.periodic.forget_old",
        "schedule": crontab(hour=4, minute=30),
    },
    "old-answers": {"task": "checkin.api.periodic.forget_old", "schedule": crontab(hour=4, minute=20)},
    "statements": {"task": "checkin.statistics.periodic.tell_due", "schedule": crontab(hour=8, minute=40)},
    "feedback": {"task": "checkin.feedback.periodic.daily", "schedule": crontab(hour=7, minute=30)},
    "care": {"task": "services.care.periodic.make", "schedule": crontab(hour=0, minute=40)},
    "care-late": {"task": "services.care.periodic.remind", "schedule": crontab(hour=8, minute=50)},
    "overdue": {"task": "checkin.record.periodic.remind", "schedule": crontab(hour=8, minute=30)},
    "requests": {"task": "services.requests.periodic.tell_overdue", "schedule": crontab(hour=7, minute=10)},
    "activities": {"task": "services.activities.periodic.remind", "schedule": crontab(hour=15, minute=30)},
    "proposals": {"task": "checkin.proposals.periodic.remind", "schedule": crontab(hour=8, minute=40)},
    "old-codes": {"task": "huifeng.accounts.periodic.forget_codes", "schedule": crontab(hour=3, minute=25)},
    "old-requests": {"task": "members.people.periodic.forget_old", "schedule": crontab(hour=3, minute=45)},
    "old-drafts": {"task": "checkin.record.periodic.forget_old", "schedule": crontab(hour=4, minute=40)},
    "old-notices": {"task": "checkin.sync.periodic.forget_old", "schedule": crontab(hour=4, minute=50)},
    "old-proposals": {"task": "checkin.proposals.periodic.forget_old", "schedule": crontab(hour=5, minute=0)},
    "erasure": {"task": "checkin.rights.periodic.erase_what_is_over", "schedule": crontab(hour=5, minute=10)},
}
