"""Pure decisions of the room: `using` a piece on a basket, `publishing` a campaign, the words of a `ticket`."""

from shangquan.coupons.rules.using import (
    discount_for,
    eligible_lines,
    short_by,
    spend_lines,
    valid_window,
    why_not_usable,
)

__all__ = ["discount_for", "eligible_lines", "short_by", "spend_lines", "valid_window", "why_not_usable"]
