"""Where a coupon works, in words, and whether its merchant trades now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shangquan.coupons.contracts import CouponTerms
from shangquan.coupons.rules.ticket import Place
from shangquan.district import door as district
from shangquan.district.contracts import MerchantCard

EVERYWHERE = Place("全场通用", "At every shop")


@dataclass(frozen=True, slots=True)
class Names:
    """The merchants of a page of tickets, asked of the district room once."""

    merchants: Mapping[int, MerchantCard]

    @classmethod
    def of(cls, merchant_ids: set[int]) -> "Names":
        if not merchant_ids:
            return cls({})
        return cls({card.id: card for card in district.merchants(sorted(merchant_ids))})

    def place(self, terms: CouponTerms) -> Place:
        wanted = sorted(terms.scope.merchants_in)
        if not wanted:
            return EVERYWHERE
        known = [self.merchants[one] for one in wanted if one in self.merchants]
        if len(wanted) > 1 or not known:
            return Place(f"{len(wanted)} 家店可用", f"At {len(wanted)} shops")
        return Place(known[0].name, known[0].name_en or known[0].name)

    def may_show(self, terms: CouponTerms) -> bool:
        """A coupon whose merchants are all suspended is out of sight, and so is one whose issuer is."""
        issuer = self.merchants.get(terms.issuer_id) if terms.issuer_id is not None else None
        if issuer is not None and not issuer.is_active:
            return False
        known = [self.merchants[one] for one in terms.scope.merchants_in if one in self.merchants]
        return not known or any(card.is_active for card in known)


def merchants_named(terms: Iterable[CouponTerms]) -> set[int]:
    """Every merchant that a ticket's place line or its being shown depends on."""
    found: set[int] = set()
    for one in terms:
        found |= one.scope.merchants_in | ({one.issuer_id} if one.issuer_id is not None else set())
    return found
