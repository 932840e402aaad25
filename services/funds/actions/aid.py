from django.db import transaction
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.errors import AlreadyDone, RuleBroken, require
from members.people.models import Retiree
from services.ledger import booking
from services.ledger.models import Account, Entry
from services.ledger.places import community_of

from .. import notices
from ..models import Application, FundPreset
from ..permissions import funds_for, may_apply, may_file, may_handle
from .grants import MOST
from .steps import State, begin, lay, move, record, words


@transaction.atomic
def apply(
    retiree_id: int,
    fund_id: int,
    *,
    preset_id: int,
    organisation_id: int,
    reason: str,
    asked: int,
    by: User,
    household: int = 1,
) -> Application:
    """A community or unit asks a fund for help for a household, `asked` in 分. It lies on the fund's office's desk.

    One open application a person and kind: repeating it returns the one that is open. Raises DoesNotExist,
    PermissionDenied, RuleBroken (no reason, no amount, dead, a fund that is not for this organisation).
    """
    retiree = Retiree.objects.locked(retiree_id)
    organisation = Organisation.objects.get(pk=organisation_id)
    require(may_apply(by, retiree, organisation))
    preset = FundPreset.objects.get(pk=preset_id, kind=FundPreset.Kind.AID, is_active=True)
    known = Application.objects.open().filter(retiree=retiree, preset=preset).first()
    if known is not None:
        return known
    fund = funds_for(organisation).filter(pk=fund_id).first()
    if fund is None:
        raise RuleBroken("这项资金不面向您的单位，请选另一项。", code="fund")
    if retiree.died_on is not None:
        raise RuleBroken("这位老同志已登记去世，不能再申请。", code="dead")
    application = Application(
        preset=preset, retiree=retiree, fund=fund, organisation=organisation, household=max(household, 1),
        asked=_amount(asked), reason=words(reason, "请写明困难情况，核实的人要看。"),
        applied_by=by, applied_at=timezone.now(), changed_at=timezone.now(),
    )  # fmt: skip
    lay(application)
    application.save()
    record(application, "applied", by=by, after={"asked": asked})
    notices.turn(application)
    return application


def _amount(amount: int) -> int:
    if not 0 < amount <= MOST:
        raise RuleBroken("金额应大于 0，请改一下。", code="amount")
    return amount


@transaction.atomic
def check(application_id: int, *, found: str, by: User) -> Application:
    """What the office found when it looked (核实). Repeating it changes nothing."""
    application = begin(application_id)
    require(may_handle(by, application))
    if application.state == State.CHECKED:
        return application
    application.checked = words(found, "请写明核实的情况。")
    move(application, State.CHECKED, by=by, names=("checked",))
    return application


@transaction.atomic
def plan(application_id: int, *, plan: str, amount: int, by: User) -> Application:
    """What is done for this household (一户一策), and the amount in 分; a second person approves it.

    Planned already: the plan is changed, as long as nobody approved it. The same again changes nothing.
    """
    application = begin(application_id)
    require(may_handle(by, application))
    said = words(plan, "请写明帮扶方案。")
    if application.state == State.PLANNED and (application.plan, application.amount) == (said, amount):
        return application
    application.plan, application.amount, application.planned_by = said, _amount(amount), by
    move(application, State.PLANNED, by=by, names=("plan", "amount", "planned_by"), amount=amount)
    return application


@transaction.atomic
def approve(application_id: int, *, amount: int, by: User) -> Application:
    """A second person of the office agrees to the plan with its `amount`, as read on the page. Repeating it is once.

    Raises DoesNotExist, PermissionDenied, AlreadyDone, RuleBroken (planned it oneself, the plan has changed).
    """
    application = begin(application_id)
    require(may_handle(by, application))
    if application.state == State.APPROVED:
        if application.approved_by_id == by.pk:
            return application
        assert application.approved_by is not None
        raise AlreadyDone("审批", who=application.approved_by.display_name, at=application.changed_at)
    if application.planned_by_id == by.pk and application.state == State.PLANNED:
        raise RuleBroken("方案是您定的，请本单位另一位同志审批。", code="second_person")
    if application.state == State.PLANNED and application.amount != amount:
        raise RuleBroken("方案刚改过，请看过现在的金额再审批。", code="stale")
    application.approved_by = by
    move(application, State.APPROVED, by=by, names=("approved_by",), amount=amount)
    return application


@transaction.atomic
def refuse(application_id: int, *, reason: str, by: User) -> Application:
    """The office says no; who filed it reads why. Repeating it changes nothing."""
    application = begin(application_id)
    require(may_handle(by, application))
    if application.state == State.REFUSED:
        return application
    application.ending = words(reason, "请写明不批准的理由，申报单位会看到。")[:200]
    move(application, State.REFUSED, by=by, names=("ending",))
    return application


@transaction.atomic
def withdraw(application_id: int, *, reason: str, by: User) -> Application:
    """Who filed it takes it back, as long as nothing is paid. Repeating it changes nothing."""
    application = begin(application_id)
    require(may_file(by, application))
    if application.state == State.WITHDRAWN:
        return application
    application.ending = words(reason, "请写明为什么撤回。")[:200]
    move(application, State.WITHDRAWN, by=by, names=("ending",))
    return application


@transaction.atomic
def pay(application_id: int, *, by: User) -> Application:
    """Book the approved amount as paid out of the fund; the money itself goes another way. Repeating changes nothing.

    Raises DoesNotExist, PermissionDenied, RuleBroken (not approved, the fund holds too little).
    """
    application = begin(application_id)
    require(may_handle(by, application))
    if application.state == State.PAID:
        return application
    application.require_move(State.PAID)
    office, community = application.office, community_of(application.retiree)
    times = Entry.objects.filter(source__startswith=f"aid-{application.pk}-").count()
    booked = booking.book(
        Entry.Kind.AID, application.fund, booking.outside(office, Account.Kind.PAID), application.amount or 0,
        source=f"aid-{application.pk}-{times + 1}", organisation=office, by=by, retiree=application.retiree,
    )  # fmt: skip
    application.payment = booked.entry
    place = (community.division_id if community else None) or application.retiree.residence_id
    application.place = place or office.division_id or ""
    names = ("payment", "place")
    move(application, State.PAID, by=by, names=names, entry=booked.entry.pk, amount=booked.entry.amount)
    return application


@transaction.atomic
def take_back_payment(application_id: int, *, reason: str, by: User) -> Application:
    """The payment was booked by mistake: a counter-entry, and it waits for payment again. Repeating changes nothing."""
    application = begin(application_id)
    require(may_handle(by, application))
    if application.state == State.APPROVED and application.payment_id is None:
        return application
    said = words(reason, "请写明为什么撤销支付。")
    application.require_move(State.APPROVED)
    assert application.payment_id is not None
    found = Entry.objects.select_related("from_account", "to_account", "organisation")
    payment = found.get(pk=application.payment_id)
    payment.retiree = application.retiree
    booked = booking.reverse(payment, by=by, note=said)
    application.payment, application.place = None, ""
    move(application, State.APPROVED, by=by, names=("payment", "place"), reverses=booked.entry.reverses_id)
    return application


@transaction.atomic
def close(application_id: int, *, result: str, by: User) -> Application:
    """Who filed it asked the household afterwards and writes down what came of it. Repeating it changes nothing."""
    application = begin(application_id)
    require(may_file(by, application))
    if application.state == State.CLOSED:
        return application
    application.result = words(result, "请写明回访结果：钱是否到手，困难是否缓解。")
    move(application, State.CLOSED, by=by, names=("result",))
    return application
