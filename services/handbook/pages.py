"""What the handbook holds, in reading order. The words are in templates/public/handbook/<slug>.html."""

from dataclasses import dataclass
from datetime import date

UPDATED = date(2026, 11, 22)  # of the words; a deadline that the bureau changes shows at once


@dataclass(frozen=True)
class Page:
    """One page: `title` is its h1 and its line in the contents."""

    slug: str
    title: str

    @property
    def template(self) -> str:
        return f"public/handbook/{self.slug.replace('-', '_')}.html"


@dataclass(frozen=True)
class Part:
    """The pages for one kind of reader."""

    title: str
    pages: tuple[Page, ...]


PARTS = (
    Part(
        "老同志本人",
        (
            Page("what", "什么是到社区报到"),
            Page("online", "用手机怎么报到"),
            Page("offline", "不用手机怎么报到"),
            Page("after", "报到以后有什么"),
        ),
    ),
    Part(
        "特殊情况",
        (
            Page("from-elsewhere", "单位在外地，人住在青岛"),
            Page("long-retired", "已经退休好多年"),
            Page("merged-unit", "单位合并了、撤销了"),
            Page("moving", "搬家了，或者住两个地方"),
            Page("living-elsewhere", "人住在外地"),
            Page("death", "老同志去世了"),
            Page("other-tracks", "军休干部和企业退休人员"),
        ),
    ),
    Part("政策问答", (Page("questions", "大家常问的"),)),
    Part("社区", (Page("community", "社区怎么办"),)),
    Part("原单位", (Page("unit", "原单位怎么办"),)),
    Part("老干部局", (Page("bureau", "老干部局和街道怎么办"),)),
    Part("关于这里", (Page("privacy", "您的信息怎么用"), Page("accessibility", "无障碍声明"))),
)
PAGES = tuple(page for part in PARTS for page in part.pages)
