from typing import Any

from huifeng.accounts.models import User


def answer(notice_id: int, state: str, *, words: str, by: User) -> None:
    raise NotImplementedError


def propose(retiree_id: int, values: dict[str, Any], *, why: str, by: User, organisation_id: int) -> None:
    raise NotImplementedError
