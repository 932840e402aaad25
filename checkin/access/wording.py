"""Entries of the audit in words: what was done, to what, with a link to it. A constant number of queries a page.

An action is "noun.verb"; both are looked up, so a new one of known words needs no line here. A test reads every
action out of the source and asks for its words.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from checkin.record.models import CheckIn, CheckInEvent
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from members.people.models import Retiree

from .models import AccessAlert

NOUNS = {
    "access": "异常查看提醒", "account": "账号", "affiliation": "党组织关系", "api": "接口", "api_token": "接口令牌",
    "assignment": "任职", "audit": "留痕", "calendar": "工作日历", "campaign": "集中走访", "care": "关心照顾",
    "ceremony": "荣退仪式", "checkin": "报到",
    "code": "代码表", "community": "社区", "dead_letter": "未送达的通知", "death": "去世登记", "digest": "每日提醒",
    "divisions": "行政区划", "duplicate": "疑似重复", "export": "名单导出", "feedback": "反馈单", "file": "文件",
    "helper": "家人帮办", "identity_claim": "身份认领", "job": "后台办理",
    "keys": "密钥", "membership": "现管单位",
    "memberships": "现管单位", "month": "月度统计", "notice": "通知", "organisation": "组织", "organisations": "组织",
    "paper": "统计表", "party": "党组织", "people": "老同志", "period": "办理期限", "proposal": "更正建议",
    "reconciliation": "对账", "reorganisation": "单位调整", "retiree": "老同志", "roster": "名册导入",
    "seasonal_stay": "季节性居住", "second_factor": "第二步验证",
    "session": "登录", "statement": "月报", "test": "试验", "transfer": "转入申请", "unit": "单位",
    "visit": "走访",
    "webhook": "系统对接地址",
}  # fmt: skip
VERBS = {
    "accepted": "同意", "acknowledged": "签收", "added": "增加", "alerted": "提醒", "answered": "答复", "asked": "申请",
    "assigned": "指定去向", "begun": "开始", "blocked": "次数太多，被拦下", "cancelled": "取消", "changed": "修改",
    "checked": "核实", "chosen": "设置", "claimed": "认领", "closed": "关闭", "confirmed": "确认",
    "contact": "改联系方式",
    "contact_changed": "改联系方式", "corrected": "更正", "created": "建立", "discarded": "放弃", "dismissed": "不属实",
    "disputed": "提出异议", "done": "办完", "downloaded": "下载", "dropped": "放弃", "edited": "修改", "ended": "结束",
    "enrolled": "登记", "errors_downloaded": "下载错误表",
    "export_ordered": "申请导出", "exported": "导出", "factor_added": "增加第二验证",
    "factor_failed": "第二验证不对", "factor_removed": "取消第二验证", "factor_reset": "重置第二验证",
    "flagged": "标注", "import_removed": "撤回导入，退出名册",
    "import_undone": "撤回导入",
    "followed_places": "随区划调整", "held": "举行", "identified": "核对身份证", "imported": "写入",
    "inactive": "已停用，未能登录", "letter_opened": "由外部链接打开",
    "link_given": "生成函件链接", "link_revoked": "作废函件链接",
    "linked": "与账号关联", "listed": "查看名单", "loaded": "载入", "logged_in": "登录",
    "logged_out": "退出", "login_failed": "登录失败", "looked_up": "柜台查找", "made": "生成", "marked": "标注",
    "matter_answered": "答复事项", "merged": "合并", "opened": "提出", "ordered": "申请", "password_changed": "改密码",
    "paused": "暂停", "place_removed": "去掉地名", "places_added": "增加地名", "planned": "拟定", "post": "改职务",
    "posted": "提交", "previewed": "预览", "printed": "打印", "proposed": "提出", "read": "查看", "received": "收到",
    "redirected": "改由别处办", "refused": "未通过", "registered": "登记", "reminded": "提醒", "removed": "去掉",
    "renamed": "改名", "reopened": "重新打开", "reopening_asked": "申请重新打开", "reorganised": "随单位调整",
    "reported": "登记", "resent": "重发", "reset": "重置",
    "restored": "恢复", "resumed": "恢复", "retried": "重新办理", "revealed": "查看完整号码",
    "revoked": "停用", "rotated": "更换", "run": "对一遍", "searched": "查找", "secret_rotated": "更换密钥",
    "seen_paper": "查看同意书照片",
    "sent": "发出", "settled": "登记住址", "standing": "改身份状态", "started": "开始", "stopped": "停止",
    "submitted": "提交", "superseded": "被新的代替", "taken_back": "撤回", "tested": "试发",
    "upload_downloaded": "下载原文件",
    "undone": "撤销", "unmerged": "撤销合并",
    "updated": "修改", "urged": "督办", "viewed": "查看", "vouched": "认可身份", "withdrawn": "撤回",
    "year_entered": "录入年度", **{move.value: move.label for move in CheckInEvent.Move},
}  # fmt: skip
WHOLE = {
    "people.viewed": "查看老同志", "people.listed": "查看名单", "people.refused": "想看无权看的人或报到，没有看到",
    "people.revealed": "查看完整号码", "people.looked_up": "柜台查找老同志", "people.searched": "按证件号查找老同志",
    "care.classed": "改关注分级", "care.occasion_noted": "登记要走访的事", "care.seated": "填专班席位",
    "care.team_ended": "结束专班", "visit.recorded": "记下走访", "preset.edited": "修改机制",
    "access.alerted": "提醒异常查看", "access.checked": "核实异常查看",
    "api.viewed": "对接系统查看老同志", "api.listed": "对接系统取名单", "audit.read": "查看留痕",
}  # fmt: skip

# what may be chosen on the page: actions by exact name, or by the end or the beginning of it
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "looks": ("查看", ("people.viewed", "people.revealed", "people.searched", "people.looked_up", "people.listed",
                     "checkin.printed", "checkin.seen_paper", "proposal.revealed")),
    "refused": ("被拒绝的查看", ("people.refused",)),
    "full": ("查看完整号码", ("people.revealed", "proposal.revealed")),
    "files": ("导出和下载", ("export.ordered", "export.made", "file.downloaded", "feedback.downloaded", "paper.asked",
                          "audit.export_ordered", "audit.exported", "ceremony.printed", "checkin.printed",
                          "roster.errors_downloaded", "roster.upload_downloaded")),
    "logins": ("登录", ("account.logged_in", "account.logged_out", "account.login_failed", "account.blocked",
                      "account.inactive", "account.password_changed", "account.factor_added", "account.factor_failed",
                      "account.factor_removed", "account.factor_reset", "session.ended", "second_factor.reset")),
    "systems": ("对接系统", ("api.viewed", "api.listed", "api_token.created", "api_token.rotated", "api_token.revoked",
                           "api_token.searched")),
    "rights": ("任职和权限", ("assignment.made", "assignment.ended")),
    "audit": ("查看留痕", ("audit.read", "audit.export_ordered", "audit.exported")),
}  # fmt: skip

HOW = {
    "password": "密码",
    "digits": "短信数字",
    "ask_digits": "要短信数字",
    "change_password": "改密码",
    "factor": "第二验证",
}


def action_words(action: str) -> str:
    """What an action is called; the name itself where a word is not known."""
    if action in WHOLE:
        return WHOLE[action]
    noun, _, verb = action.partition(".")
    return f"{NOUNS[noun]}：{VERBS[verb]}" if noun in NOUNS and verb in VERBS else action


@dataclass(frozen=True)
class Line:
    """An entry as it is shown. `url`: the page of what it is about, "" where there is none the reader may open."""

    entry: AuditEntry
    at: datetime
    who: str
    office: str
    what: str
    about: str
    url: str
    more: str


type Names = dict[str, tuple[str, str]]


def _people(keys: set[str], reader: User) -> Names:
    rows = Retiree.objects.visible_to(reader).filter(pk__in=keys).only("name")
    return {str(row.pk): (row.name, reverse("bureau:person", args=[row.pk])) for row in rows}


def _checkins(keys: set[str], reader: User) -> Names:
    people = Retiree.objects.visible_to(reader)
    rows = CheckIn.objects.filter(pk__in=keys, retiree__in=people.values("pk")).select_related("retiree")
    return {
        str(row.pk): (f"{row.retiree.name} {row.number}".strip(), reverse("bureau:checkin", args=[row.pk]))
        for row in rows
    }


def _offices(keys: set[str], reader: User) -> Names:
    audit = reverse("access:entries")
    rows = Organisation.objects.filter(pk__in=keys).only("name")
    return {str(row.pk): (row.name, f"{audit}?office={row.pk}") for row in rows}


def _accounts(keys: set[str], reader: User) -> Names:
    audit = reverse("access:entries")
    rows = User.objects.filter(pk__in=keys).only("display_name", "username")
    return {str(row.pk): (row.display_name or "没有姓名的账号", f"{audit}?actor={row.pk}") for row in rows}


def _alerts(keys: set[str], reader: User) -> Names:
    rows = AccessAlert.objects.filter(pk__in=keys).select_related("reader")
    return {
        str(row.pk): (f"{row.reader}：{row.get_kind_display()}", reverse("access:check", args=[row.pk]))
        for row in rows
    }


ABOUT: dict[str, Callable[[set[str], User], Names]] = {
    Retiree._meta.label_lower: _people,
    CheckIn._meta.label_lower: _checkins,
    Organisation._meta.label_lower: _offices,
    User._meta.label_lower: _accounts,
    AccessAlert._meta.label_lower: _alerts,
}
KINDS = {
    Retiree._meta.label_lower: "老同志",
    CheckIn._meta.label_lower: "报到",
    Organisation._meta.label_lower: "组织",
    User._meta.label_lower: "账号",
}


def lines(entries: Sequence[AuditEntry], *, reader: User) -> list[Line]:
    """The entries in words for `reader`; names of people the reader does not see are left out."""
    about = _about(entries, reader)
    keys = {entry.organisation_id for entry in entries if entry.organisation_id}
    offices = dict(Organisation.objects.filter(pk__in=keys).values_list("pk", "name"))
    return [_line(entry, about, offices) for entry in entries]


def _about(entries: Iterable[AuditEntry], reader: User) -> dict[str, Names]:
    wanted: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if entry.target_id.isascii() and entry.target_id.isdigit():
            wanted[entry.target_type].add(entry.target_id)
    return {kind: find(wanted[kind], reader) for kind, find in ABOUT.items() if wanted[kind]}


def _line(entry: AuditEntry, about: dict[str, Names], offices: dict[int, str]) -> Line:
    name, url = about.get(entry.target_type, {}).get(entry.target_id, ("", ""))
    kind = KINDS.get(entry.target_type, "")
    if not name and kind and entry.target_id.isdigit():
        name = f"{kind}（编号 {entry.target_id}）"
    return Line(
        entry=entry,
        at=entry.at,
        who=entry.actor or "没有姓名的账号",
        office=offices.get(entry.organisation_id or 0, ""),
        what=action_words(entry.action),
        about=name,
        url=url,
        more=_more(entry),
    )


def _more(entry: AuditEntry) -> str:
    """What else the entry says, as far as it is fit to be read: why, how many, from where; fields by their number."""
    after: dict[str, Any] = entry.after if isinstance(entry.after, dict) else {}
    before: dict[str, Any] = entry.before if isinstance(entry.before, dict) else {}
    parts = [entry.note.rstrip("。")]
    if isinstance(after.get("count"), int):
        parts.append(f"{after['count']:,} 条" if entry.action == "audit.read" else f"{after['count']:,} 人")
    if after.get("how") in HOW:
        parts.append(HOW[after["how"]])
    if after.get("address"):
        parts.append(f"地址 {after['address']}")
    if isinstance(after.get("rows"), int):
        parts.append(f"{after['rows']:,} 行")
    if before and set(before) & set(after):
        parts.append(f"改了 {len(set(before) & set(after))} 项")
    return "，".join(part for part in parts if part)
