from django.db import models


class DemoCity(models.Model):
    """The demo city of this database, written in the transaction that fills it: no row, no city."""

    members = models.PositiveIntegerField("人数")
    seed = models.BigIntegerField("种子")
    today = models.DateField("历史截止日")
    accounts = models.JSONField("演示账号")
    seconds = models.FloatField("用时（秒）")
    filled_at = models.DateTimeField("完成时间", auto_now_add=True)

    class Meta:
        verbose_name = "演示城市"
        verbose_name_plural = "演示城市"

    def __str__(self) -> str:
        return f"{self.members} 人，种子 {self.seed}"
