from typing import Any

from django.core.management.base import BaseCommand

from communities.calendar import actions
from communities.calendar.special_days import SEED, read_days
from huifeng.accounts.models import User

SOURCE = "国务院办公厅关于{year}年部分节假日安排的通知"


class Command(BaseCommand):
    help = "Enters the holidays of 2024-2026 and the periods' defaults. What a bureau changed is left alone."

    def handle(self, **options: Any) -> None:
        with SEED.open(encoding="utf-8", newline="") as lines:
            plan = read_days(lines)
        years = actions.load_holidays(plan.days, source=SOURCE, by=User.objects.system())
        periods = actions.seed_periods()
        self.stdout.write(f"years entered: {' '.join(map(str, years)) or 'none'}; periods written: {periods}")
