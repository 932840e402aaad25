"""What is said to whom about people: notices to organisations, texts to phones (only a surname)."""

from datetime import timedelta

from communities.notices import actions as outbox
from communities.organisations.models import Organisation
from huifeng.codes import labels
from huifeng.texts import actions as texts

from . import registry
from .models import Death, HelperRequest, IdentityClaim, Retiree


def _surname(name: str) -> str:
    return f"{name[:1]}某"


def _desk(retiree: Retiree) -> Organisation:
    """Who answers for the person and has an account here."""
    answering = registry.units.responsible_organisation(retiree)
    return registry.units.bureau_for(retiree.residence_id) if answering.is_external else answering


def claim_opened(claim: IdentityClaim) -> None:
    outbox.post(
        claim.desk,
        key=f"identity-claim-{claim.pk}",
        kind="identity_claim",
        words=f"有人自称是本单位的{claim.name}，请打电话核实。",
        person=claim.retiree_id,
    )


def claim_accepted(claim: IdentityClaim, old_phone: str) -> None:
    """Tell the new phone, and the old one, so that nobody is replaced in silence."""
    texts.send(
        key=f"identity-claim-{claim.pk}-accepted",
        phone=claim.phone,
        words="【惠风家园】您的身份已经核实，请重新登录，接着办理报到。",
    )
    if old_phone and old_phone != claim.phone:
        texts.send(
            key=f"identity-claim-{claim.pk}-old-phone",
            phone=old_phone,
            words="【惠风家园】您登记的手机号已经更换。如果不是您本人换的，请马上打电话给社区。",
        )


def claim_refused(claim: IdentityClaim) -> None:
    texts.send(
        key=f"identity-claim-{claim.pk}-refused",
        phone=claim.phone,
        words="【惠风家园】您填写的信息没有核对上。请带身份证到居住地社区，由工作人员帮您办理。",
    )


def helper_code(request: HelperRequest, code: str, *, good_for: timedelta) -> None:
    minutes = int(good_for.total_seconds() // 60)
    relation = labels.label("relation", request.relation)
    texts.send(
        key=f"helper-{request.pk}-code",
        phone=request.elder_phone,
        words=f"【惠风家园】{_surname(request.name)}（{relation}）想帮您办理报到。同意的话，把数字 {code} "
        f"告诉家人，{minutes} 分钟内有效。不认识的人要，请不要说。",
        good_for=good_for,
    )


def helper_wants_call(request: HelperRequest) -> None:
    """Ask the community to call the elder; without one, whoever answers for the person."""
    retiree = request.retiree
    if retiree is None:
        return
    communities = sorted(pk for find in registry.communities_of for pk in find(retiree))
    receiver = Organisation.objects.filter(pk__in=communities).order_by("pk").first() or _desk(retiree)
    outbox.post(
        receiver,
        key=f"helper-{request.pk}-call",
        kind="helper_call",
        words=f"{request.name}申请帮{retiree.name}办理，请给老人打电话，问是否同意。",
        person=retiree.pk,
    )


def helper_answered(request: HelperRequest) -> None:
    agreed = request.state == HelperRequest.State.ACCEPTED
    if not request.user.phone:
        return
    texts.send(
        key=f"helper-{request.pk}-answered",
        phone=request.user.phone,
        words=f"【惠风家园】{_surname(request.elder_name)}老人"
        + ("已同意您帮忙办理，请登录接着办。" if agreed else "这次没有同意帮办。请和老人商量后再申请。"),
    )


def death_reported(death: Death) -> None:
    outbox.post(
        _desk(death.retiree),
        key=f"death-{death.pk}-reported",
        kind="death_reported",
        words=f"收到{death.retiree.name}同志去世的消息（{death.died_on:%Y年%-m月%-d日}），请核实并确认。",
        person=death.retiree_id,
    )
