"""What somebody logged in with, in words they know: 「安卓手机，微信」. No version, no address, nothing that tells
two phones of a kind apart.
"""

_KINDS = [  # the first that is found; HarmonyOS calls itself Android too
    ("HarmonyOS", "华为手机"),
    ("OpenHarmony", "华为手机"),
    ("iPhone", "苹果手机"),
    ("iPad", "苹果平板"),
    ("Android", "安卓手机"),
    ("Windows", "Windows 电脑"),
    ("Macintosh", "苹果电脑"),
    ("Linux", "Linux 电脑"),  # 统信 and 麒麟 too
]
_BROWSERS = [  # nearly all call themselves Chrome and Safari as well, so these come last
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("QQBrowser", "QQ 浏览器"),
    ("UCBrowser", "UC 浏览器"),
    ("HuaweiBrowser", "华为浏览器"),
    ("MiuiBrowser", "小米浏览器"),
    ("QIHU 360", "360 浏览器"),
    ("Edg", "Edge 浏览器"),
    ("Firefox", "火狐浏览器"),
    ("Chrome", "谷歌浏览器"),
    ("Safari", "Safari 浏览器"),
]


def words(user_agent: str) -> str:
    """The device and the program that call themselves `user_agent`; 「不知道的设备」 for what is not known."""
    found = [next((name for mark, name in table if mark in user_agent), "") for table in (_KINDS, _BROWSERS)]
    return "，".join(filter(None, found)) or "不知道的设备"
