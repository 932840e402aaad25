from django.db import models


class Nearby(models.TextChoices):
    """The four 就近, one of which everything here serves. Source: docs/glossary.md."""

    LEARNING = "learning", "就近学习"
    ACTIVITIES = "activities", "就近活动"
    CARE = "care", "就近得到关心照顾"
    CONTRIBUTION = "contribution", "就近发挥作用"


class Preset(models.Model):
    """A mechanism as its users name it (银龄热线, 三必访, 积分超市): what an engine does under that name.

    An engine's own model adds the settings it reads. Rows come from the `data/presets.csv` of its room and may be
    renamed or switched off, never deleted. `seeds`: rows of docs/mechanisms.md that it carries, parted by spaces.
    """

    key = models.SlugField("标识", max_length=40, unique=True)
    name = models.CharField("名称", max_length=40)
    nearby = models.CharField("四就近", max_length=15, choices=Nearby)
    hint = models.CharField("说明", max_length=100, blank=True)
    seeds = models.CharField("出处", max_length=60, blank=True)
    order = models.PositiveIntegerField("顺序", default=0)
    is_active = models.BooleanField("在用", default=True)

    class Meta:
        abstract = True
        ordering = ["order", "key"]

    def __str__(self) -> str:
        return self.name
