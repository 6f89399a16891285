"""What other rooms may ask of the tills."""

from shangquan.pos.actions.commission import set_commission
from shangquan.pos.actions.place_ad import place_ad
from shangquan.pos.actions.tills import add_till, set_quick_keys
from shangquan.pos.queries.lists import commissions, receipts_of_bill, tills_of_store

__all__ = [
    "add_till", "commissions", "place_ad", "receipts_of_bill", "set_commission", "set_quick_keys", "tills_of_store",
]  # fmt: skip
