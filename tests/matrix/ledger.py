"""The town's books: points and goods, a fund and what is asked of it, a month's list, branches and posts."""

from datetime import date
from uuid import uuid4

from members.party.models import PartyAffiliation, PartyOrganisation
from services.funds import actions as funds
from services.funds.models import FundPreset
from services.ledger import actions as ledger
from services.ledger.models import Goods
from tests.matrix.marks import Marks
from tests.matrix.town import Side

SAID = {"nearby": "care"}


def keep_books(side: Side, marks: Marks) -> None:
    """One of everything for the side."""
    main, asking = side.people["main"], side.people["dying"]
    clerk, unit_clerk = side.staff["community_clerk"], side.staff["unit_clerk"]
    bureau, lead = side.staff["district_clerk"], side.staff["district_lead"]
    goods = Goods.objects.create(community=side.community, name=f"{side.name}大米", points=10, stock=9)
    credits = [
        ledger.credit_points(
            main.pk, 100, f"matrix-{side.name}-{number}", organisation_id=side.community.pk, by=clerk,
            note=marks.text(side.name, "main", "points_note"),
        )
        for number in range(2)
    ]  # fmt: skip
    redeemed = ledger.redeem(main.pk, goods.pk, count=1, key=uuid4(), by=clerk)
    fund = funds.open_fund(side.district.pk, f"{side.name}帮扶资金", by=bureau)
    of_unit = funds.open_fund(side.unit.pk, f"{side.name}单位资金", by=unit_clerk)
    grants = {
        "unit": funds.grant(of_unit.pk, 500, key=uuid4(), by=unit_clerk).pk,
        "bureau": funds.grant(fund.pk, 500_000, key=uuid4(), by=bureau).pk,
    }
    hardship, subsidy = (
        FundPreset.objects.get_or_create(key=key, defaults={**SAID, "name": key, **more})[0]
        for key, more in (("hardship", {"kind": "aid"}), ("secretary", {"kind": "subsidy", "monthly": 300}))
    )
    application = funds.apply(
        asking.pk, fund.pk, preset_id=hardship.pk, organisation_id=side.community.pk,
        reason=marks.text(side.name, "dying", "aid_words"), asked=1000, by=clerk,
    )  # fmt: skip
    planned = funds.apply(
        main.pk, fund.pk, preset_id=hardship.pk, organisation_id=side.community.pk,
        reason=marks.text(side.name, "main", "aid_words"), asked=1000, by=clerk,
    )  # fmt: skip
    funds.check(planned.pk, found=marks.text(side.name, "main", "aid_words"), by=bureau)
    funds.plan(planned.pk, plan=marks.text(side.name, "main", "aid_words"), amount=1000, by=lead)
    branches = {
        area: PartyOrganisation.objects.create(name=f"{side.name}{area}支部", kind="branch", host=host)
        for area, host in (("unit", side.unit), ("community", side.community))
    }
    held = {
        area: PartyAffiliation.objects.create(
            retiree=main, organisation=branch, valid_from=date(2020, 1, 1),
            kind="formal" if area == "unit" else "participation",
            post="" if area == "unit" else "secretary", post_from=None if area == "unit" else date(2020, 1, 1),
        ).pk
        for area, branch in branches.items()
    }  # fmt: skip
    made = funds.make_list(fund.pk, subsidy.pk, date(2026, 10, 1), by=bureau)
    side.of |= {
        "goods": goods.pk,
        "redemption": redeemed.pk,
        "points_entry": credits[0].pk,
        "fund": {"unit": of_unit.pk, "community": fund.pk, "bureau": fund.pk},
        "grant": grants | {"community": grants["bureau"]},
        "application": application.pk,
        "planned_application": planned.pk,
        "hardship": hardship.pk,
        "subsidy_list": made.pk,
        "party_branch": {"bureau": branches["community"].pk} | {a: b.pk for a, b in branches.items()},
        "party_post": held | {"bureau": held["community"]},
    }
