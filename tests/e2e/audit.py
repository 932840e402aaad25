"""Look at one page as an auditor would: axe, our own measures, the keyboard, the content policy.

`audit(page, kind)` gives a list of findings in words; an empty list is a pass.
"""

import json
import os
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_SCRIPT = Path(__file__).with_name("audit.js").read_text(encoding="utf-8")

# Words that mean nothing, or frighten, on a page for retirees.
BANNED = (
    *(
        "提交工单",
        "授权",
        "绑定",
        "同步",
        "缓存",
        "异常",
        "参数",
        "系统错误",
        "用户",
        "账号注销",
        "逾期",
        "驳回",
    ),
    *(" tab", "OK", "APP", "App", "登陆"),
)

KINDS: dict[str, dict[str, Any]] = {
    "retiree": {
        "minFont": 18, "lh": 1.5, "tapMain": 60, "tap": 44, "gap": 8, "maxCjk": 40, "paraGap": 1.3,
        "noPopup": True, "banned": BANNED, "bodies": {"standard": 20, "large": 24, "xl": 30},
    },
    "staff": {
        "minFont": 14, "lh": 1.4, "tapMain": 40, "tap": 24, "gap": 4, "maxCjk": 60, "paraGap": 0,
        "noPopup": False, "banned": [], "bodies": {"standard": 16, "large": 18, "xl": 20},
    },
}  # fmt: skip

_AXE_OPTIONS = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "wcag2aaa", "best-practice"],
    },
    "rules": {
        "target-size": {"enabled": True},
        "color-contrast-enhanced": {"enabled": True},
        "identical-links-same-purpose": {"enabled": True},
        "meta-refresh-no-exceptions": {"enabled": True},
    },
    "resultTypes": ["violations", "incomplete"],
}


@cache
def axe_source() -> str:
    """axe-core's own script, out of the development package that carries it."""
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def watch(page: Page) -> None:
    """Collect, from now on, content policy violations, script errors and pop-ups of `page`."""
    problems: list[str] = []
    page.huifeng_problems = problems  # type: ignore[attr-defined]

    def heard(message: Any) -> None:
        # The browser itself reports every 4xx answer; ours are meant (409, 422, error pages).
        if message.type == "error" and "Failed to load resource" not in message.text:
            problems.append(f"console: {message.text[:200]}")

    page.on("console", heard)
    page.on("pageerror", lambda error: problems.append(f"script: {error}"))
    page.on("dialog", lambda dialog: (problems.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("popup", lambda _: problems.append("pop-up window"))
    page.add_init_script(
        "window.__csp=[];document.addEventListener('securitypolicyviolation',"
        "e=>window.__csp.push(e.violatedDirective+' '+(e.blockedURI||e.sourceFile)))"
    )


def axe(page: Page) -> list[str]:
    """axe's violations, and every contrast it could not decide."""
    page.evaluate(axe_source())
    result = page.evaluate("options => axe.run(document, options)", _AXE_OPTIONS)
    found = [
        f"axe {rule['id']}: {node['target'][0]} {_why(node)}"
        for rule in result["violations"]
        for node in rule["nodes"]
    ]
    found += [
        f"axe undecided {rule['id']}: {node['target'][0]} {_why(node)}"
        for rule in result["incomplete"]
        if rule["id"].startswith("color-contrast")
        for node in rule["nodes"]
        # axe sees no ground under the words of a chart; test_tokens holds those colours
        if not node["html"].startswith(("<text", "<tspan"))
    ]
    return found


def _why(node: dict[str, Any]) -> str:
    for group in ("any", "all", "none"):
        if node[group]:
            return str(node[group][0]["message"])[:160]
    return ""


def measures(page: Page, kind: str) -> list[str]:
    """Our own measures: type, lines, gaps, targets, scrolling, one primary, words."""
    settings = KINDS[kind]
    size = page.evaluate("document.documentElement.dataset.size") or "standard"
    config = {**settings, "body": settings["bodies"][size]}
    config.pop("bodies")
    found = page.evaluate(f"({_SCRIPT})({json.dumps(config, ensure_ascii=False)})")
    return [f"{f['r']} {f['v']}: {f['sel']} 「{f['t']}」" for f in found]


def keyboard(page: Page, limit: int = 120) -> list[str]:
    """Press Tab through the page: every stop shows its focus, is not covered, and there is no trap."""
    found: list[str] = []
    page.evaluate("() => { document.body.tabIndex = -1; document.body.focus(); window.scrollTo(0, 0) }")
    page.evaluate("() => document.body.removeAttribute('tabindex')")
    seen: list[str] = []
    for step in range(limit):
        page.keyboard.press("Tab")
        stop = page.evaluate(_STOP)
        if stop is None or stop["key"] in seen[:1]:
            break
        if seen and stop["key"] == seen[-1] and not stop["many"]:
            found.append(f"keyboard trap: {stop['sel']}")
            break
        seen.append(stop["key"])
        if step == 0 and "跳到正文" not in stop["text"]:
            found.append(f"first stop is not the skip link: {stop['sel']}")
        if stop["outline"] < 3:
            found.append(f"focus not visible: {stop['sel']} {stop['text']}")
        if not stop["clear"]:
            found.append(f"focus covered: {stop['sel']} {stop['text']}")
    page.evaluate("window.scrollTo(0, 0)")
    return found


_STOP = """() => {
  const el = document.activeElement;
  if (!el || el === document.body || el === document.documentElement) return null;
  window.__stops = window.__stops || new Map();
  if (!window.__stops.has(el)) window.__stops.set(el, window.__stops.size);
  const style = getComputedStyle(el), box = el.getBoundingClientRect();
  const wide = el.closest('label') || el;
  const x = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1);
  const y = Math.min(Math.max(box.top + Math.min(box.height, innerHeight) / 2, 0), innerHeight - 1);
  const hit = document.elementFromPoint(x, y);
  return {
    key: String(window.__stops.get(el)), sel: el.tagName.toLowerCase() + '.' + el.className,
    text: (el.innerText || el.name || '').trim().slice(0, 20),
    outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
    clear: !!hit && (wide.contains(hit) || hit.contains(el)),
    many: el.matches('audio,video,input[type^=date],input[type=time],input[type=month]'),
  };
}"""


def policy(page: Page) -> list[str]:
    """Content policy violations and script errors since `watch`."""
    found = [f"content policy: {line}" for line in page.evaluate("window.__csp || []")]
    return found + list(getattr(page, "huifeng_problems", []))


def audit(page: Page, kind: str, *, with_keyboard: bool = True) -> list[str]:
    """All findings on the page as it is now; `kind` is "retiree" or "staff"."""
    found = axe(page) + measures(page, kind) + policy(page)
    if not page.title().endswith("离退休干部报到"):
        found.append(f"title: {page.title()}")
    if with_keyboard:
        found += keyboard(page)
    if os.environ.get("AUDIT_VERBOSE"):
        print("\n".join(found))
    return found
