from huifeng.accounts.models import User


def answer(notice_id: int, state: str, *, words: str, by: User) -> None:
    raise NotImplementedError
