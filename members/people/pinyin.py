"""The Latin spelling of names, for search by keyboard."""

from pypinyin import lazy_pinyin

# Characters that are read differently as a surname than in words.
_SURNAMES = {
    "单": "shan", "区": "ou", "曾": "zeng", "仇": "qiu", "解": "xie", "查": "zha", "朴": "piao", "任": "ren",
    "盖": "ge", "覃": "qin", "乐": "yue", "缪": "miao", "翟": "zhai", "逄": "pang", "秘": "bi", "员": "yun",
    "尉迟": "yu chi", "长孙": "zhang sun", "万俟": "mo qi",
}  # fmt: skip


def spell(name: str) -> str:
    """ "王建国" → "wangjianguo wjg". Letters only; at most 120 characters."""
    surname = next((part for part in (name[:2], name[:1]) if part in _SURNAMES), "")
    syllables = _SURNAMES[surname].split() if surname else []
    syllables += lazy_pinyin(name[len(surname) :])
    plain = ["".join(filter(str.isalpha, syllable)).lower().replace("ü", "v") for syllable in syllables]
    plain = [syllable for syllable in plain if syllable]
    if not plain:
        return ""
    return f"{''.join(plain)} {''.join(syllable[0] for syllable in plain)}"[:120]
