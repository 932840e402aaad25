from django.db import transaction

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require

from ..models import Goods
from ..permissions import may_keep_goods


@transaction.atomic
def change_goods(
    community_id: int, name: str, *, points: int, is_active: bool, by: User, goods_id: int | None = None
) -> Goods:
    """Offer something new in a community's shop, or change what is offered. The same again changes nothing.

    Without `goods_id` a known name is the same goods. What was redeemed keeps the points it cost.
    Raises DoesNotExist, PermissionDenied, RuleBroken (no name, no points, another one has the name).
    """
    community = Organisation.objects.select_for_update(no_key=True, of=("self",)).get(pk=community_id)
    require(may_keep_goods(by, community))
    name, rows = name.strip(), Goods.objects.filter(community=community)
    if not name or points < 1:
        raise RuleBroken("请填品名，和 1 以上的积分。", code="fields")
    named = rows.filter(name=name).first()
    goods = rows.get(pk=goods_id) if goods_id else named
    if goods is not None and named is not None and goods != named:
        raise RuleBroken(f"已经有“{name}”了，请换一个品名。", code="name")
    after = {"name": name, "points": points, "is_active": is_active}
    before = {field: getattr(goods, field) for field in after} if goods else None
    if goods is not None and before == after:
        return goods
    goods = goods or Goods(community=community)
    for field, value in after.items():
        setattr(goods, field, value)
    if goods.pk:
        goods.save(update_fields=list(after))
    else:
        goods.save()
    audit.record("goods.changed", goods, by=by, organisation_id=community.pk, before=before, after=after)
    return goods


@transaction.atomic
def stock_goods(goods_id: int, *, seen: int, counted: int, by: User) -> Goods:
    """What lies on the shelf now. `seen`: the stock of the page; when it has changed since, nothing is written.

    The same again changes nothing. Raises Goods.DoesNotExist, PermissionDenied, RuleBroken (stale, below zero).
    """
    goods = Goods.objects.select_related("community").select_for_update(of=("self",)).get(pk=goods_id)
    require(may_keep_goods(by, goods.community))
    if goods.stock == counted:
        return goods
    if goods.stock != seen:
        raise RuleBroken(f"库存刚有变动，现在是 {goods.stock} 件。请看过后再改。", code="stale")
    if counted < 0:
        raise RuleBroken("库存不能小于 0，请改一下。", code="stock")
    before, goods.stock = goods.stock, counted
    goods.save(update_fields=["stock"])
    office = goods.community_id
    audit.record(
        "goods.stocked",
        goods,
        by=by,
        organisation_id=office,
        before={"stock": before},
        after={"stock": counted},
    )
    return goods
