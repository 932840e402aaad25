"""The ready accounts as the login page shows them."""

from huifeng.accounts.hooks import ReadyAccount

from .models import DemoCity

TITLES = {
    "retiree": "老同志",
    "helper": "家人帮办",
    "community": "社区工作人员",
    "unit": "单位工作人员",
    "street": "街道工作人员",
    "district": "区老干部局",
    "bureau": "市老干部局",
    "community_clerk": "社区工作人员（另一位）",
    "community_2": "隔壁社区工作人员",
    "unit_clerk": "单位工作人员（另一位）",
    "retiree_draft": "老同志",
    "retiree_returned": "老同志",
    "retiree_waiting": "老同志",
    "retiree_confirmed": "老同志",
}


def for_login_page() -> list[ReadyAccount]:
    """One line an account: who it is and what it shows; nothing before the city is there."""
    city = DemoCity.objects.first()
    return [
        ReadyAccount(
            role=f"{TITLES[account['role']]}：{account['name']}（{account['note']}）",
            login=account["login"],
            password=account["password"],
            organisation=account["organisation"],
        )
        for account in (city.accounts if city else [])
    ]
