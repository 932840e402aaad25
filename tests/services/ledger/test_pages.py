"""The counter's pages and the person's own, as a browser without JavaScript sends them."""

from uuid import uuid4

import pytest
from django.test import Client

from huifeng.audit.models import AuditEntry
from services.ledger.models import Entry, Goods, PointsReason, Redemption
from tests.checkin.world import World
from tests.services.ledger.shop import balance, credit, goods_of, redeem

pytestmark = pytest.mark.django_db


@pytest.fixture
def reason(db: None) -> PointsReason:
    return PointsReason.objects.create(
        key="volunteering", name="志愿服务积分", nearby="contribution", points=20
    )


@pytest.fixture
def counter(world: World, client: Client) -> Client:
    client.force_login(world.clerk)
    return client


def home(world: World):
    """Somebody who has checked in here."""
    return world.confirmed().retiree


def test_the_counter_finds_gives_points_checks_and_gives_goods(
    world: World, counter: Client, reason: PointsReason
):
    retiree, goods = home(world), goods_of(world.here, points=20)
    assert (
        f"/community/points/people/{retiree.pk}/"
        in counter.get("/community/points/", {"q": retiree.name}).content.decode()
    )

    form = {"reason": reason.pk, "points": "", "note": "9 月值班", "key": uuid4()}
    for _ in range(2):  # a second click
        counter.post(f"/community/points/people/{retiree.pk}/", form)
    page = counter.get(f"/community/points/people/{retiree.pk}/").content.decode()
    assert "得积分：志愿服务积分，9 月值班" in page
    assert balance(retiree) == 20

    check = f"/community/points/people/{retiree.pk}/{goods.pk}/"
    assert "请核对" in counter.get(check).content.decode()
    answer = counter.post(check, {"count": 1, "key": uuid4()}, follow=True)
    assert "24 小时内可以在下面取消" in answer.content.decode()
    assert balance(retiree) == 0

    counter.post(f"/community/points/redemptions/{Redemption.objects.get().pk}/cancel/")
    assert balance(retiree) == 20
    assert AuditEntry.objects.filter(action="people.viewed", actor_id=world.clerk.pk).exists()


def test_a_refusal_is_said_in_words_with_409(world: World, counter: Client):
    retiree, goods = home(world), goods_of(world.here)

    answer = counter.post(f"/community/points/people/{retiree.pk}/{goods.pk}/", {"count": 1, "key": uuid4()})

    assert answer.status_code == 409
    assert "积分不够" in answer.content.decode()


def test_a_credit_is_reversed_on_the_page(world: World, counter: Client):
    retiree = home(world)
    entry = credit(world, retiree, 20)

    counter.post(f"/community/points/entries/{entry.pk}/reverse/", {"reason": "记错人"})

    assert balance(retiree) == 0
    assert "已冲销" in counter.get(f"/community/points/people/{retiree.pk}/").content.decode()


def test_the_shelf_is_filled_and_counted(world: World, counter: Client):
    counter.post("/community/points/goods/", {"name": "大米", "points": 50, "is_active": "on"})
    goods = Goods.objects.get()
    counter.post(f"/community/points/goods/{goods.pk}/", {"counted": 12, "seen": 0})
    counter.post(
        f"/community/points/goods/{goods.pk}/", {"name": "东北大米", "points": 60, "is_active": "on"}
    )

    assert Goods.objects.values_list("name", "points", "stock").get() == ("东北大米", 60, 12)
    assert "东北大米" in counter.get("/community/points/goods/").content.decode()
    assert counter.post("/community/points/goods/", {"name": "", "points": 0}).status_code == 422


def test_the_shop_of_a_neighbour_is_not_there(world: World, counter: Client):
    there = goods_of(world.there)
    retiree = world.member()

    assert counter.get(f"/community/points/goods/{there.pk}/").status_code == 404
    assert counter.get(f"/community/points/people/{retiree.pk}/").status_code == 404


def test_the_person_reads_balance_goods_and_history(world: World, client: Client):
    retiree = home(world)
    goods_of(world.here, "洗衣液", points=30), goods_of(world.here, "电饭锅", points=500)
    credit(world, retiree, 100)
    redeem(world, retiree, Goods.objects.get(name="洗衣液"))
    client.force_login(retiree.user)

    page = client.get("/my/points/").content.decode()

    assert "现在有 <strong>70</strong> 分" in page
    assert "到社区兑换" in page
    assert "还差 430 分" in page
    assert "兑换：洗衣液 × 1" in page
    assert Entry.objects.count() == 2


def test_who_has_nothing_yet_is_told_how_to_get_it(world: World, client: Client):
    retiree = world.member()
    client.force_login(retiree.user)

    page = client.get("/my/points/").content.decode()

    assert "还没有报到" in page
    assert "社区会给您记积分" in page
