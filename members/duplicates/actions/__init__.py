"""What staff decide about likely duplicates. Every function locks both people in key order (docs/rules.md, P3)."""

from .merging import merge, undo_merge
from .pairs import dismiss, look_again, take_back

__all__ = ["dismiss", "look_again", "merge", "take_back", "undo_merge"]
