from django.db import models


class SpecialDay(models.Model):
    """A day that the State Council's notice makes different: a holiday on a weekday, or work on a weekend."""

    class Kind(models.TextChoices):
        OFF = "off", "放假"
        WORK = "work", "调休上班"

    date = models.DateField("日期", primary_key=True)
    kind = models.CharField("类别", max_length=4, choices=Kind)
    name = models.CharField("节日", max_length=20)

    class Meta:
        verbose_name = "节假日与调休"
        verbose_name_plural = "节假日与调休"
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date} {self.name} {self.get_kind_display()}"


class AnnouncedYear(models.Model):
    """A year whose official holiday notice has been entered. A deadline that runs into any other is
    provisional.
    """

    year = models.PositiveSmallIntegerField("年份", primary_key=True)
    source = models.CharField("依据", max_length=200)
    entered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "已公布年份"
        verbose_name_plural = "已公布年份"
        ordering = ["year"]

    def __str__(self) -> str:
        return str(self.year)


class Period(models.Model):
    """How long something may take: every deadline of the procedure is one row that the bureau can change.

    Keys and defaults are declared by the room that uses them, in its `periods.py`.
    """

    class Unit(models.TextChoices):
        WORKING_DAYS = "working_days", "个工作日"
        DAYS = "days", "天"
        HOURS = "hours", "小时"

    key = models.CharField("键", max_length=40, primary_key=True)
    title = models.CharField("事项", max_length=60)
    length = models.PositiveSmallIntegerField("时长")
    unit = models.CharField("单位", max_length=12, choices=Unit)
    basis = models.CharField("依据", max_length=200, blank=True)

    class Meta:
        verbose_name = "期限"
        verbose_name_plural = "期限"
        ordering = ["key"]

    def __str__(self) -> str:
        return f"{self.title}：{self.length}{self.get_unit_display()}"
