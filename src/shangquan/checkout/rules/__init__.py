"""Pure pricing and refund rules: `price`, `alternatives` and `refund_of` are what the room uses."""

from shangquan.checkout.rules.pricing import alternatives, price
from shangquan.checkout.rules.refunding import refund_of

__all__ = ["alternatives", "price", "refund_of"]
