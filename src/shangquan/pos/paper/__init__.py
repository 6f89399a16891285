"""The receipt as printer bytes, and the same bytes drawn on a screen."""

from shangquan.pos.paper.drawing import draw
from shangquan.pos.paper.reading import Block, read
from shangquan.pos.paper.writing import Paper, width_of

__all__ = ["Block", "Paper", "draw", "read", "width_of"]
