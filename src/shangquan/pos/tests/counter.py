"""What the tests of the till have at hand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import BillCard
from shangquan.checkout.tests.story import FakeChannel, Mall
from shangquan.coupons.contracts import CouponKind, PieceCard
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import transaction
from shangquan.pos.actions import pay, ring
from shangquan.pos.actions.scan import scan
from shangquan.pos.actions.shifts import open_shift
from shangquan.pos.contracts import Scanned, ShiftCard
from shangquan.pos.models import Till
from shangquan.pos.queries.desk import Desk, desk

BARCODES = {"mug": "6901234567892", "bag": "6901234567809"}
PAY_CODE = "130000000000000001"


@dataclass(frozen=True)
class Counter:
    mall: Mall
    till: int
    clerk: int
    manager: int
    mug: int
    bag: int
    channel: FakeChannel

    @property
    def now(self) -> datetime:
        return self.mall.now

    def give(self, kind: CouponKind, **terms: Any) -> PieceCard:
        """A coupon of the district's in the member's hands, made by the district itself."""
        with scope.scope(scope.district_id()):
            return self.mall.give(kind, **terms)

    def open(self, cash_fen: int = 20_000) -> ShiftCard:
        with transaction():
            return open_shift(till_id=self.till, opening_cash_fen=cash_fen, now=self.now)

    def scan(self, text: str) -> Scanned:
        with transaction():
            return scan(till_id=self.till, text=text, now=self.now)

    def goods(self, *product_ids: int) -> None:
        for product_id in product_ids:
            with transaction():
                ring.add_product(till_id=self.till, product_id=product_id, now=self.now)

    def refused(self, text: str) -> Refused:
        try:
            self.scan(text)
        except Refused as refused:
            return refused
        raise AssertionError(f"{text} was taken")

    def desk(self) -> Desk:
        return desk(Till.rows().get(id=self.till))

    def pay(self, code: str = PAY_CODE) -> BillCard:
        return pay.pay_by_code(till_id=self.till, auth_code=code, now=self.now)

    def cash(self, received_fen: int | None = None) -> BillCard:
        return pay.pay_cash(till_id=self.till, received_fen=received_fen, now=self.now)

    def bill(self) -> BillCard:
        card = self.desk().bill
        assert card is not None
        return checkout.bill(card.id)
