"""Every address, room by room: which kind of object each parameter names, who may see it, who may act on it.

A pattern that is not here fails the test by name. The same pattern under unit/, community/ and bureau/ stands here
once. How to classify a new address: docs/security.md, "The matrix".

`@kind` in a body is the key of the side's object, `@version:kind` the version of the person or check-in behind it,
`@all:kind` the keys of all three sides: what a page does with ids that are not its own.
"""

from collections.abc import Mapping

from tests.matrix.classified_api import API
from tests.matrix.page import (
    COMMUNITIES,
    COMMUNITY_SIDE,
    HELPER,
    LEADS,
    OUTSIDE,
    SELF,
    TODAY,
    UNIT_SIDE,
    Page,
    act,
    of,
)
from tests.matrix.roles import BUREAUS, PEOPLE

NOTHING: frozenset[str] = frozenset()
ANYBODY = Page()
PUBLIC = Page(public=True)
V = {"version": "@version:waiting"}
DEAD = {f"died_on_{part}": value for part, value in TODAY.items()}

ASKED = {"preset": "@preset", "channel": "phone", "words": "请送饭"}

DESK = {  # under unit/, community/ and bureau/
    "checkin": [of("checkin", PEOPLE), of("hidden_checkin", BUREAUS)],
    "confirm": act(
        "waiting", PEOPLE, COMMUNITY_SIDE, version="@version:waiting", contact="李敏", phone="0532-1"
    ),
    "verify_one": act("for_unit", PEOPLE, frozenset({"unit"}), version="@version:for_unit"),
    "return": act(
        "waiting", PEOPLE, COMMUNITY_SIDE, version="@version:waiting", reason="address_unclear", words="请补"
    ),
    "send": act(
        "waiting", PEOPLE, COMMUNITY_SIDE, version="@version:waiting", community_id="@other_community"
    ),
    "withdraw": act("waiting", PEOPLE, COMMUNITY_SIDE, version="@version:waiting", words="本人来电"),
    "undo": of("confirmed", PEOPLE, {}, acts=COMMUNITY_SIDE),
    "end": act(
        "confirmed",
        PEOPLE,
        COMMUNITY_SIDE,
        version="@version:confirmed",
        reason="withdrawn",
        words="本人来电",
    ),
    "person": [of("retiree", PEOPLE), of("restricted", BUREAUS), of("outsider", COMMUNITIES)],
    "reveal": [
        of("retiree", PEOPLE, {"why": "check"}, full=True),
        of("restricted", BUREAUS, {"why": "check"}, full=True),
    ],
    "report_death": act("fresh", UNIT_SIDE, UNIT_SIDE, **DEAD),
    "decide_death": act("death", PEOPLE, UNIT_SIDE, act="confirm"),
    "decide_claim": act("claim", frozenset({"unit"}), frozenset({"unit"}), act="accept"),
    "decide_helper": act("helper_request", PEOPLE, PEOPLE - {"street"}, act="accept"),
    "verify": ANYBODY,
}
COUNTER = Page(
    {"token": "counter"}, shows=frozenset({"name"})
)  # whoever holds the signed address, which only the counter's look-up gives
RECORD = {
    "community": {
        "home": ANYBODY,
        "news": ANYBODY,
        "checkins": ANYBODY,
        "confirm_many": Page(body={"id": "@all:waiting"}),
        "batch_result": ANYBODY,
        "roster": ANYBODY,
        "edit": [of("retiree", COMMUNITY_SIDE), of("restricted", NOTHING)],
        "seasonal": ANYBODY,
        "end_stay": [act("stay", COMMUNITY_SIDE, COMMUNITY_SIDE), of("hidden_stay", NOTHING, {})],
        "find": Page(body={"name": "@name:restricted", "born_0": "1950", "born_1": "3", "born_2": "8"}),
        "register_new": ANYBODY,
        "registered": Page(often_empty=True),
        "register": [COUNTER, Page({"token": "hidden_counter"}, NOTHING)],
        "register_keep": [COUNTER, Page({"token": "hidden_counter"}, NOTHING)],
        "season": [COUNTER, Page({"token": "hidden_counter"}, NOTHING)],
    },
    "unit": {
        "home": ANYBODY,
        "enrol": ANYBODY,
        "edit": [of("retiree", frozenset({"unit"})), of("restricted", NOTHING)],
        "remind": act("fresh", frozenset({"unit"}), frozenset({"unit"})),
        "ceremonies": ANYBODY,
        "ceremony_new": ANYBODY,
        "ceremony_check": Page(body={"id": "@all:fresh"}),
        "ceremony": of("ceremony", frozenset({"unit"})),
    },
    "bureau": {
        "home": ANYBODY,
        "people": ANYBODY,
        "overdue": ANYBODY,
        "remind": Page(body={"id": "@all:unit"}),
        "place": ANYBODY,
    },
    "search": {"people": ANYBODY},
    "papers": {
        "sheet": [
            Page({"checkin_id": "of_main", "key": f"={key}", "suffix": "=pdf"}, PEOPLE | SELF | HELPER)
            for key in ("letter", "receipt", "card")
        ]
        + [Page({"checkin_id": "hidden_checkin", "key": "=card", "suffix": "=pdf"}, BUREAUS)],
        "consent": of("consent", PEOPLE),
        "ceremony": Page({"ceremony_id": "ceremony", "key": "=letter"}, frozenset({"unit"})),
    },
    "public": {
        "home": PUBLIC,
        "help": PUBLIC,
        "help_area": Page({"code": "street_code"}, public=True),
        "progress": Page({"signed": "progress"}, public=True),
    },
}
OFFICES_OF_FUNDS = frozenset({"unit", "district"})  # each its own: no bureau keeps another's
POST_DAY = {"0": "2021", "1": "1", "2": "1"}
FOR = {"retiree_id": "retiree"}  # my/for/<retiree_id>/…: whom the reader helps
MY = ANYBODY  # the reader's own
OF_THE_PLACE = SELF | HELPER | COMMUNITY_SIDE  # whoever lives there, and be it as its clerk
RETIREE = {
    "my": dict.fromkeys(
        (
            "home", "start", "information", "family", "address", "elsewhere", "community", "streets", "street", "check",
            "receipt", "progress", "withdraw", "move", "end", "season", "season_stop", "download",
        ),
        MY,
    )
    | {"season_place": Page(often_empty=True)},
    "people": dict.fromkeys(("who", "which", "help", "help_code", "info", "contact", "seen"), MY)
    | {"stop_helper": Page({"helper_id": "helper"}, SELF | HELPER)},
    "told": {"told": MY},
    "own_points": {"points": MY},
    "points": {
        "home": ANYBODY,
        "shelf": ANYBODY,
        "goods": of("goods", COMMUNITY_SIDE),
        "cancel": act("redemption", COMMUNITY_SIDE, COMMUNITY_SIDE),
        "reverse": act("points_entry", COMMUNITY_SIDE, COMMUNITY_SIDE, reason="记错人"),
        "person": Page(FOR, COMMUNITY_SIDE),
        "redeem": Page({"retiree_id": "retiree", "goods_id": "goods"}, COMMUNITY_SIDE),
    },
    "own_activities": dict.fromkeys(("list", "past", "code"), MY)
    | {
        "activity": of("activity", OF_THE_PLACE),
        "join": of("activity", OF_THE_PLACE, {}),
        "cancel": of("activity", OF_THE_PLACE, {}),
        "rate": of("activity", OF_THE_PLACE, {"rating": "good"}, often_empty=True),
    },
    "own_proposals": dict.fromkeys(("list", "choose"), MY)
    | {"new": Page({"field": "=original_post"}), "withdraw": of("post_proposal", SELF | HELPER, {})},
    "own_rights": dict.fromkeys(("rights", "end_consent", "erasure"), MY)
    | {"take_back": of("erasure", SELF | HELPER, {})},
    "own_requests": dict.fromkeys(("list", "choose"), MY)
    | {
        "new": Page({"kind": "=meals"}, body={"words": "请送饭", "send": "1"}),
        "request": [of(kind, SELF | HELPER) for kind in ("request", "answered_request", "private_request")],
        "rate": of("answered_request", SELF | HELPER, {"rating": "good"}),
        "again": of("answered_request", SELF | HELPER, {"words": "再办"}),
        "withdraw": of("request", SELF | HELPER, {}),
    },
}  # fmt: skip
BY_SIDES = PEOPLE - {"street"}
VISITED = {f"visited_on_{part}": value for part, value in TODAY.items()} | {"condition": "good"}
HAPPENED = {f"on_{part}": value for part, value in TODAY.items()} | {"key": "serious"}
RETIREE["own_care"] = {"care": MY}
NAMESAKES = {
    "funds": {
        "index": ANYBODY,
        "fund": of("fund", OFFICES_OF_FUNDS),
        "reverse_grant": act("grant", OFFICES_OF_FUNDS, OFFICES_OF_FUNDS, reason="多记了"),
        "applications": ANYBODY,
        "new": Page(FOR, PEOPLE - {"street"}),
        "application": [of("application", PEOPLE), of("planned_application", PEOPLE)],
        "approve": of("planned_application", PEOPLE, {"amount": "1000"}, acts=frozenset({"district"})),
        "act": [
            Page(
                {"pk": "application", "step": "=check"},
                PEOPLE,
                {"words": "属实"},
                frozenset({"district"}),
                True,
            ),
            Page({"pk": "planned_application", "step": "=pay"}, PEOPLE, {}, frozenset({"district"})),
        ],
        "subsidies": Page(often_empty=True),
        "subsidy": of("subsidy_list", frozenset({"district"})),
        "file": of("subsidy_list", frozenset({"district"}), {}),
        "subsidy_act": Page(
            {"pk": "subsidy_list", "step": "=drop"}, frozenset({"district"}), {"reason": "错"}
        ),
    },
    "party": {
        "branches": ANYBODY,
        "fifty_years": ANYBODY,
        "branch": of("party_branch", PEOPLE),
        "post": of("party_post", PEOPLE, {"post": "member", **{f"on_{k}": v for k, v in POST_DAY.items()}}),
    },
    "roster": {
        "imports": Page(may=UNIT_SIDE),
        "new": Page(may=UNIT_SIDE),
        "transfers": Page(may=UNIT_SIDE),
        "decide_transfer": act("transfer", UNIT_SIDE, UNIT_SIDE, accept="1"),
        "batch": [of("batch", UNIT_SIDE), of("applied", UNIT_SIDE)],
        "errors": of("batch", UNIT_SIDE),
        "upload": of("batch", UNIT_SIDE, full=True),  # the file as it was sent; opening it is audited
        "approve": act("batch", UNIT_SIDE, UNIT_SIDE),
        "check_again": act("batch", UNIT_SIDE, UNIT_SIDE),
        "discard": act("batch", UNIT_SIDE, UNIT_SIDE),
        "undo": act("applied", UNIT_SIDE, UNIT_SIDE),
    },
    "duplicates": {
        "pairs": Page(may=UNIT_SIDE),
        "look_again": Page(may=frozenset({"unit"}), body={}),
        "review": of("pair", UNIT_SIDE),
        "merge": of("pair", UNIT_SIDE, {}),
        "dismiss": act("pair", UNIT_SIDE, UNIT_SIDE, words="不是"),
        "take_back": of("pair", UNIT_SIDE, {}),
        "merged": of("merge", UNIT_SIDE),
        "undo": act("merge", UNIT_SIDE, UNIT_SIDE),
    },
    "exports": dict.fromkeys(("start", "records", "template"), ANYBODY),
    "sync": {
        "inbox": ANYBODY,
        "sign_many": Page(body={"id": "@all:notice"}),
        "digest": ANYBODY,
        "sign": act(
            "notice",
            frozenset({"unit", "community", "district"}),
            frozenset({"unit", "community", "district"}),
        ),
        "dispute": of("notice", frozenset({"unit", "community", "district"}), {"words": "不对"}),
    },
    "webhooks": {
        "webhooks": ANYBODY,
        "add": Page(body={"url": "https://192.0.2.9/x"}, lead=True, may=LEADS),
        **{
            name: of("webhook", frozenset({"unit", "community", "district"}), body, lead=True)
            for name, body in {
                "rotate": {"made_at": "2026-11-05 12:00"},
                "switch": {"act": "pause"},
                "test": {},
                "resend_all": {},
            }.items()
        },
        "resend": of("dead_letter", frozenset({"unit", "community", "district"}), {}, lead=True),
        "drop": of("dead_letter", frozenset({"unit", "community", "district"}), {"words": "不要"}, lead=True),
    },
    "proposals": {
        "queue": ANYBODY,
        "choose": Page({"retiree_id": "retiree"}, PEOPLE),
        "new": Page({"retiree_id": "retiree", "field": "=words"}, PEOPLE, {"why": "名字不对"}),
        "proposal": [
            of("proposal", PEOPLE),
            of("post_proposal", UNIT_SIDE),
            of("skills_proposal", PEOPLE),
            of("sealed_proposal", PEOPLE),
        ],
        "accept": act("post_proposal", UNIT_SIDE, UNIT_SIDE),
        "refuse": act("post_proposal", UNIT_SIDE, UNIT_SIDE, reason="不对"),
        "withdraw": act("skills_proposal", PEOPLE, frozenset({"unit"})),
        "reveal": of("sealed_proposal", PEOPLE, {}, full=True, acts=UNIT_SIDE),
    },
    "interests": {"home": ANYBODY, "people": Page(often_empty=True), "skills": ANYBODY},
    "rights": {
        "list": Page(may=BUREAUS),
        "request": Page(
            {"pk": "erasure"}, BUREAUS, {"decision": "refuse", "reason": "还在名册里"}, works=True
        ),
        "person": [of("retiree", COMMUNITY_SIDE | BUREAUS), of("restricted", BUREAUS)],
        "withdraw_consent": act("confirmed_person", COMMUNITY_SIDE | BUREAUS, COMMUNITY_SIDE | BUREAUS),
        "ask": act("fresh", BUREAUS, BUREAUS, words="本人来办"),
    },
    "requests": {
        **dict.fromkeys(("board", "unknown"), ANYBODY),
        "find": Page(body={"q": "@name:restricted"}),
        **dict.fromkeys(("figures", "counted"), Page(may=BUREAUS | {"street"})),
        "new": [
            Page({"retiree_id": "retiree"}, PEOPLE, ASKED, works=True),
            Page({"retiree_id": "restricted"}, BUREAUS),
        ],
        "request": [
            *(
                of(kind, PEOPLE)
                for kind in ("request", "answered_request", "private_request", "unit_request")
            ),
            of("hidden_request", BUREAUS),
            of("unknown_request", COMMUNITIES),
        ],
        "print": [of("request", PEOPLE), of("private_request", PEOPLE), of("hidden_request", BUREAUS)],
        "begin": act("request", PEOPLE, COMMUNITY_SIDE, provider="康乐"),
        "answer": [
            act("request", PEOPLE, COMMUNITY_SIDE, words="好", outcome="solved"),
            of("unit_request", PEOPLE, {"words": "好", "outcome": "solved"}, acts=frozenset({"unit"})),
        ],
        "pass_on": act("request", PEOPLE, COMMUNITIES, to="@bureau_office", reason="归区里管"),
        "urge": act("request", PEOPLE, BUREAUS | {"street"}),
        "follow_up": act("answered_request", PEOPLE, COMMUNITY_SIDE, words="好"),
        "rate": act("answered_request", PEOPLE, COMMUNITY_SIDE, rating="good"),
        "close": act("answered_request", PEOPLE, COMMUNITY_SIDE),
        "reveal": of("request", PEOPLE, {}, full=True, acts=COMMUNITY_SIDE),
        "link": act("unknown_request", COMMUNITIES, COMMUNITY_SIDE, retiree="@retiree"),
    },
    "visits": {
        **dict.fromkeys(("plan", "walk", "coverage", "rows", "seats", "campaigns"), ANYBODY),
        "record": [
            of("care_line", PEOPLE, VISITED, acts=COMMUNITY_SIDE, works=True),
            of("visited_line", PEOPLE),
            of("hidden_line", BUREAUS),
        ],
        "save": act("care_line", PEOPLE, COMMUNITY_SIDE, words="平稳"),
        "undo": act("visited_line", PEOPLE, COMMUNITY_SIDE),
        "person": [Page(FOR, PEOPLE), Page({"retiree_id": "restricted"}, BUREAUS)],
        "occasion": Page(FOR, PEOPLE, HAPPENED, BY_SIDES, works=True),
        "classify": Page(FOR, PEOPLE, {"attention": "focus", "why": "独居"}, BY_SIDES, works=True),
        "team": Page({**FOR, "key": "=pair"}, PEOPLE, {"name1": "张主任"}, BY_SIDES, works=True),
        "end_team": Page({**FOR, "key": "=card"}, PEOPLE, {}, BY_SIDES, works=True),
        "campaign": of("campaign", COMMUNITY_SIDE),
        "tick": act("campaign", COMMUNITY_SIDE, COMMUNITY_SIDE, id="@all:campaign_line"),
    },
    "feedback": {
        "index": ANYBODY,
        "list": Page(may=BUREAUS | {"street"}),
        "make": Page(body={"month": "2026-10"}, acts=frozenset({"city"})),
        "remind": Page(body={"id": "@all:report_of_community", "month": "2026-10"}, may=BUREAUS | {"street"}),
        "close_agreed": Page(body={"month": "2026-10"}, may=BUREAUS),
        "report": [
            of("report_of_community", COMMUNITIES),
            of("report_of_unit", UNIT_SIDE),
            of("report_outside", OUTSIDE),
        ],
        "file": [
            Page({"pk": kind, "suffix": f"={suffix}"}, may)
            for kind, may in (("report_of_community", COMMUNITIES), ("report_of_unit", UNIT_SIDE))
            for suffix in ("xlsx", "pdf")
        ],
        "answer_matter": Page(
            {"pk": "report", "matter_pk": "matter"},
            PEOPLE,
            {"words": "已联系"},
            acts=frozenset({"unit", "community"}),
        ),
        "answer": of("report", PEOPLE, {"reply": "agreed"}, acts=frozenset({"unit", "community"})),
        "correct": of("report_of_community", COMMUNITIES, {"reason": "数字不对"}, acts=BUREAUS),
        "close": of("report_of_community", COMMUNITIES, {}, acts=BUREAUS),
        "give_link": of("report_outside", OUTSIDE, {}),
        "revoke_link": of("report_outside", OUTSIDE, {}),
        "letter": of("report_outside", OUTSIDE),
    },
    "activities": dict.fromkeys(("list", "calendar", "year", "branches", "venues"), ANYBODY)
    | {
        "new": ANYBODY,
        "people": Page(may=COMMUNITIES, often_empty=True),
        "close_venue": of("venue", COMMUNITY_SIDE, {}),
        "activity": of("activity", COMMUNITIES),
        "change": of("activity", COMMUNITY_SIDE, {}),
        "cancel": of("activity", COMMUNITY_SIDE, {}),
        "report": act("held", COMMUNITIES, COMMUNITY_SIDE, words="讲得好"),
        "add": of("activity", COMMUNITY_SIDE, {"id": "@retiree"}),
        "tick": act("held", COMMUNITIES, COMMUNITY_SIDE, id="@retiree"),
        "untick": of("held", COMMUNITIES, {"id": "@retiree"}, acts=COMMUNITY_SIDE),
        "take_off": act("activity", COMMUNITIES, COMMUNITY_SIDE, id="@retiree"),
        "hours": of("held", COMMUNITIES, {"id": "@retiree", "minutes": "30"}, acts=COMMUNITY_SIDE),
        "poster": of("activity", COMMUNITY_SIDE),
        "list_to_tick": of("activity", COMMUNITY_SIDE),
        "export": of("activity", COMMUNITIES, {"words": "核对"}, acts=COMMUNITY_SIDE),
    },
    "arrivals": {"arrive": Page({"token": "poster"}, public=True)},
    "tokens": {
        "tokens": Page(lead=True, may=LEADS),
        "new": Page(lead=True, may=LEADS),
        "rotate": of("token", frozenset({"unit", "community", "district"}), {}, lead=True),
        "revoke": of("token", frozenset({"unit", "community", "district"}), {"why": "不用了"}, lead=True),
    },
}
PLACE = {"code": "place_code"}
WHY = {"reason": "群众要求"}
SECOND_FACTOR = (  # of who is logged in, and nobody else's
    "mfa_index",
    "mfa_authenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_add_webauthn",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
)
OFFICES = {
    "places": {
        "places": Page(may=BUREAUS),
        "street": Page({"code": "street_code"}, BUREAUS),
        "add": Page({"code": "street_code"}, BUREAUS, {"name": "新社区", **WHY}),
        "community": Page(PLACE, BUREAUS),
        "rename": Page(PLACE, BUREAUS, {"name": "新名社区", **WHY}),
        "merge": Page(PLACE, BUREAUS, WHY),
        "close": Page(PLACE, BUREAUS, WHY),
        "contact": Page(PLACE, BUREAUS, {"phone": "0532-1"}),
        "add_places": Page(PLACE, BUREAUS, {"lines": "新小区"}),
        "remove_place": Page({"code": "place_code", "place_id": "place"}, BUREAUS, {}),
    },
    "calendar": {
        "calendar": Page(may=BUREAUS),
        "year": Page({"number": "=2026"}, BUREAUS),
        "enter": Page({"number": "=2027"}, frozenset({"city"})),
        "period": Page({"key": "=unit_verify"}, frozenset({"city"})),
    },
    "units": {
        "units": Page(may=BUREAUS),
        "add": Page(may=BUREAUS),
        "unit": of("unit", BUREAUS),
        "history": Page(may=BUREAUS),
        "new": Page(may=BUREAUS),
        "choose": Page({"kind": "=merge"}, BUREAUS),
        "details": Page({"kind": "=merge"}, BUREAUS),
        "reorganisation": of("reorganisation", BUREAUS),
        "people": of("reorganisation", BUREAUS, {"id": "@all:retiree", "goal": "@unit", "act": "some"}),
        "preview": of("reorganisation", BUREAUS, {}),
        "start": of("reorganisation", BUREAUS, {}),
        "undo": of("reorganisation", BUREAUS, {}),
    },
    "reconciliation": {"home": Page(may=BUREAUS), "start": Page(may=BUREAUS, body={})},
    "statistics": {
        **dict.fromkeys(("overview", "table", "ranking", "definitions"), ANYBODY),
        "people": ANYBODY,
        "papers": ANYBODY,
        "closing_latest": Page(may=BUREAUS),
        **{name: Page({"text": "=2026-10"}, BUREAUS) for name in ("closing", "submit")},
        **{
            name: Page({"text": "=2026-10"}, frozenset({"city"}))
            for name in ("check", "remind", "ask_reopen", "reopen")
        },
    },
    "unit-statistics": dict.fromkeys(("month", "people", "paper"), ANYBODY),
    "handbook": {
        "contents": PUBLIC,
        "whole": PUBLIC,
        "page": Page({"slug": "=what"}, public=True),
    },
    "jobs": {
        "list": ANYBODY,
        **{
            name: [
                of("job_unit", frozenset({"unit clerk"})),
                of("job_community", frozenset({"community clerk"})),
                of("job_bureau", frozenset({"district clerk"})),
            ]
            for name in ("job", "progress", "download", "retry", "cancel")
        },
    },
    "letters": {  # whoever holds the letter
        "letter": Page({"token": "letter"}, public=True),
        "answer_matter": Page({"token": "letter", "matter_pk": "letter_matter"}, public=True),
        "answer": Page({"token": "letter"}, public=True),
    },
    "access": dict.fromkeys(("entries", "export", "chain", "alerts"), Page(lead=True, may=BUREAUS))
    | {"check": of("alert", BUREAUS, {"words": "已问过本人"}, lead=True)},
    "colleagues": {  # about staff, nobody of the register: tests/communities tell who resets whom
        "colleagues": ANYBODY,
        "reset": Page({"pk": "=999999"}, often_empty=True),
    },
    "accounts": dict.fromkeys(("login", "code", "staff", "choose", "password", "devices", "logout"), PUBLIC)
    | dict.fromkeys(  # no provider is set there: tests/huifeng/test_sign_on.py
        ("inactive", "sign_on", "sign_on_start", "sign_on_back"), Page(public=True, often_empty=True)
    ),
    "display": {"choose": PUBLIC},
    "": dict.fromkeys(("healthz", "account_login", "account_logout"), PUBLIC)
    | dict.fromkeys(("readyz", "account_inactive"), Page(public=True, often_empty=True))
    | dict.fromkeys(SECOND_FACTOR, Page(public=True, often_empty=True))
    | {"mfa_remove_webauthn": Page({"pk": "=999999"}, public=True, often_empty=True)},
}
ROOMS: dict[str, Mapping[str, Page | list[Page]]] = {
    **{
        area: pages | (DESK if area in ("unit", "community", "bureau") else {})
        for area, pages in RECORD.items()
    },
    **RETIREE,
    **NAMESAKES,
    **OFFICES,
    "api": API,
}
