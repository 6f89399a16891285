"""What the till decides without asking anyone: what a typed text means, and what a drawer should hold."""

from shangquan.pos.rules.counting import channel_totals
from shangquan.pos.rules.typed import Amount, Pieces, Quantity, Text, read

__all__ = ["Amount", "Pieces", "Quantity", "Text", "channel_totals", "read"]
