from django.contrib.postgres.fields import ArrayField
from django.db import models


def no_words() -> list[str]:
    """The default of a list of words. (`list` itself is the name of a field below.)"""
    return []


class CodeValue(models.Model):
    """One allowed word of a code list (职级, 政治面貌 …). A bureau may add words; none is ever deleted.

    `aliases` are other ways people write it (中共党员 / 共产党员); `roll_up` is the coarser word used in
    totals.
    """

    list = models.CharField("代码表", max_length=40)
    code = models.CharField("代码", max_length=40)
    label = models.CharField("名称", max_length=60)
    roll_up = models.CharField("归并到", max_length=40, blank=True)
    aliases = ArrayField(models.CharField(max_length=60), verbose_name="别名", default=no_words, blank=True)
    order = models.PositiveIntegerField("顺序", default=0)
    is_active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = "代码"
        verbose_name_plural = "代码"
        ordering = ["list", "order", "code"]
        constraints = [models.UniqueConstraint(fields=["list", "code"], name="codes_one_per_list")]

    def __str__(self) -> str:
        return f"{self.list}: {self.label}"
