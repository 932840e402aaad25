from django.apps import AppConfig


class MembersDuplicatesConfig(AppConfig):
    name = "members.duplicates"
    label = "members_duplicates"
    verbose_name = "疑似重复"

    def ready(self) -> None:
        from huifeng.keys import registry
        from members.people.registry import Eraser, erasers

        from . import erasing
        from .rehashing import rehash_marks

        registry.rehashing.append(rehash_marks)
        erasers.append(Eraser(erasing.COVERS, erasing.erase))
