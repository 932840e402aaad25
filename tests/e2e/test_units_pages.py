"""The pages about units in a real browser: sound at phone and desktop width, and walked from end to end."""

import os
from pathlib import Path

import pytest

from members.units import actions
from members.units.models import UnitReorganisation
from tests.checkin.world import World
from tests.communities.factories import make_staff, make_unit
from tests.e2e.browser import OF_STAFF, Look, audit
from tests.members.factories import make_member
from tests.members.reorganising import carry_out, plan, work_off

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
PICTURES = os.environ.get("TEST_PICTURES")


def stage(world: World):
    """One of everything: a unit that was merged, drafts of all kinds, one being done; who looks at it."""
    boss = make_staff(world.city.city, display_name="郑建")
    old, heir, young = (
        make_unit("青岛市机电工业公司"),
        make_unit("青岛市工业和信息化局"),
        make_unit("青岛市大数据中心"),
    )
    world.waiting_for_unit(world.member(name="吴素珍"))
    world.confirmed(world.member(name="周兆祥"))
    world.member(name="郑继先", is_restricted=True)
    make_member(old, name="赵德胜")
    done = carry_out(plan("merge", [old], [heir], by=boss), by=boss)
    ready = actions.preview(
        plan("merge", [world.unit], [heir], by=boss, document="青编办〔2026〕10号").pk, by=boss
    )
    draft = plan("split", [world.unit], [heir, young], by=boss, words="按职能划分")
    refused = actions.preview(plan("move", [world.unit], [young], by=boss).pk, by=boss)
    return boss, {
        "list": "/bureau/units/",
        "closed": "/bureau/units/?state=closed",
        "unit": f"/bureau/units/{heir.pk}/",
        "gone": f"/bureau/units/{old.pk}/",
        "add": "/bureau/units/add/",
        "history": "/bureau/units/reorganisations/",
        "new": "/bureau/units/reorganisations/new/",
        "choose": f"/bureau/units/reorganisations/new/split/?source={world.unit.pk}&target={heir.pk}&q=青岛",
        "details": f"/bureau/units/reorganisations/new/split/details/?source={world.unit.pk}&target={heir.pk}",
        "people": f"/bureau/units/reorganisations/{draft.pk}/people/",
        "draft": f"/bureau/units/reorganisations/{draft.pk}/",
        "ready": f"/bureau/units/reorganisations/{ready.pk}/",
        "refused": f"/bureau/units/reorganisations/{refused.pk}/",
        "done": f"/bureau/units/reorganisations/{done.pk}/",
    }


@pytest.mark.parametrize("seen_as", OF_STAFF, ids=lambda seen_as: "-".join(map(str, seen_as)))
def test_every_page_about_units_is_sound(world: World, logged_in, live_server, seen_as: Look) -> None:
    boss, pages = stage(world)
    width, size, contrast = seen_as
    page = logged_in(boss, "/bureau/", width=width, size=size, contrast=contrast)

    found = {}
    for name, path in pages.items():
        answer = page.goto(live_server.url + path)
        assert answer.status == 200, path
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"units-{name}-{width}.png", full_page=True)
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        if findings := audit(page, "staff", with_keyboard=width == 1366):
            found[name] = findings

    assert found == {}


@pytest.mark.parametrize("javascript", [True, False])
def test_a_clerk_splits_a_unit_from_the_list_to_the_end(
    world: World, logged_in, live_server, javascript
) -> None:
    boss, goal = make_staff(world.city.city), make_unit("青岛市大数据中心")
    for name in ("王一", "李二", "张三"):
        world.member(name=name)
    page = logged_in(boss, "/bureau/units/?q=海洋", width=1366, javascript=javascript)
    page.get_by_role("link", name="青岛市海洋研究所").click()
    page.get_by_role("link", name="办理撤并").click()
    page.get_by_label("分设").check(force=True)
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("单位名称或统一社会信用代码").fill("大数据")
    page.get_by_role("button", name="查找", exact=True).last.click()
    page.get_by_role("link", name="作接收单位").click()
    page.get_by_role("link", name="下一步").click()
    for label, value in (("年", "2026"), ("月", "3"), ("日", "31")):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("留在").check(force=True)
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("选择 王一").check(force=True)
    page.get_by_label("选择 李二").check(force=True)
    page.get_by_role("button", name="设定勾选的人").click()
    page.get_by_text("已设好 2 人").wait_for()
    page.get_by_role("link", name="选好了").click()
    page.get_by_role("button", name="预览").click()
    page.get_by_label("请输入“确认分设”").fill("确认分设")
    page.get_by_role("button", name="开始办理").click()
    page.get_by_text("正在后台办理").wait_for()

    work_off(UnitReorganisation.objects.get())
    page.reload()

    page.get_by_text("共转 2 人").wait_for()
    assert goal.memberships.count() == 2
    assert not javascript or audit(page, "staff", with_keyboard=False) == []  # axe is a script
