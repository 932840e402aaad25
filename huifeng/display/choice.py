"""The reader's choice of type size and contrast, kept in one cookie so that it works without JavaScript."""

from dataclasses import dataclass, replace
from typing import Self

from django.http import HttpRequest, HttpResponse

COOKIE = "huifeng_display"
SIZES = {"standard": "标准", "large": "大字", "xl": "特大"}
CONTRASTS = {"normal": "普通", "high": "高对比"}
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Choice:
    """One reader's choice; `chosen` tells whether it was ever made."""

    size: str = "standard"
    contrast: str = "normal"
    chosen: bool = False

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """Read the cookie; anything unknown in it counts as not chosen."""
        size, _, contrast = request.COOKIES.get(COOKIE, "").partition(".")
        if size not in SIZES or contrast not in CONTRASTS:
            return cls()
        return cls(size=size, contrast=contrast, chosen=True)

    def changed(self, *, size: str = "", contrast: str = "") -> Self:
        """The choice after a press of a button; unknown words change nothing."""
        return replace(
            self,
            size=size if size in SIZES else self.size,
            contrast=contrast if contrast in CONTRASTS else self.contrast,
            chosen=True,
        )

    def keep(self, response: HttpResponse, *, secure: bool) -> None:
        """Set the cookie for a year."""
        response.set_cookie(
            COOKIE,
            f"{self.size}.{self.contrast}",
            max_age=_YEAR,
            secure=secure,
            httponly=True,
            samesite="Lax",
        )

    @property
    def size_label(self) -> str:
        return SIZES[self.size]

    @property
    def next_size(self) -> str:
        """What the one-button switch sets: one step up, and from the largest back to the first."""
        names = list(SIZES)
        return names[(names.index(self.size) + 1) % len(names)]

    @property
    def next_size_label(self) -> str:
        return {"large": "字大些", "xl": "字再大些", "standard": "标准字"}[self.next_size]

    @property
    def next_contrast(self) -> str:
        return "normal" if self.contrast == "high" else "high"

    @property
    def next_contrast_label(self) -> str:
        return "普通颜色" if self.contrast == "high" else "高对比"

    def as_json(self) -> dict[str, str]:
        """What the page's script needs to change the page in place."""
        return {
            "size": self.size,
            "contrast": self.contrast,
            "next_size": self.next_size,
            "next_size_label": self.next_size_label,
            "next_contrast": self.next_contrast,
            "next_contrast_label": self.next_contrast_label,
        }
