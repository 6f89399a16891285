"""The week's money, closed: what was sold, returned, shared and kept stands in statements that add up."""

from datetime import timedelta

import pytest

from shangquan.coupons.contracts import PayerShare, Scope
from shangquan.identity.contracts import Role
from shangquan.kernel import clock
from shangquan.kernel.transactions import transaction
from shangquan.ledger import door as ledger
from shangquan.settlement import door as settlement
from shangquan.tenancy import door as tenancy
from superapp_sandbox.testing import Phone, SandboxServer
from tests.journeys.place import Place


@pytest.mark.feature("T1", "T3", "T4")
def test_sales_returns_commissions_shares_and_cash_close_into_statements_and_what_is_paid_out_is_what_they_say(
    place: Place, wechat: SandboxServer, lin: Phone
) -> None:
    maker, checker = (place.staff(name, Role.OWNER_FINANCE) for name in ("maker", "checker"))
    toys_boss = place.staff("toys-boss", Role.MERCHANT_ADMIN, place.toys)
    member = place.member(lin.openid())
    split = (PayerShare(f"merchant:{place.kids}", 6_000), PayerShare("redeemer", 4_000))
    offer = place.campaign(
        amount_fen=2_000, issuer_id=place.kids, payers=split, scope=Scope(merchants_in=frozenset({place.toys}))
    )
    place.claim(offer, member)
    by_phone = place.pay(place.bill(10_000, member, store=place.toys_store), code=lin.paycode())
    place.pay(place.bill(20_000, member), code=lin.paycode())
    place.buy(5_000, store=place.toys_store)
    half = place.pay(place.bill(6_000, store=place.toys_store), code=lin.paycode())
    place.give_back(half)
    assert by_phone.payable_fen == 8_000
    owed = {merchant: settlement.payable(merchant) for merchant in (place.kids, place.toys)}

    later = clock.now() + timedelta(days=1)
    with place.acting(maker), transaction():
        period = settlement.close_period(ends_on=tenancy.today(clock.now()), now=later)
    cards = {card.merchant_id: card for card in settlement.statements(period_id=period)}
    for merchant, fen in owed.items():
        card = cards[merchant]
        assert sum(card.equation.values()) == card.total_fen == fen
        assert sum(line.amount_fen for line in settlement.lines(card.id, limit=100)) == fen
    assert owed == {place.kids: 20_000 * 95 // 100 - 1_200, place.toys: 8_000 + 1_200 - 920 - 500}

    with place.acting(toys_boss), transaction():
        settlement.confirm_statement(statement_id=cards[place.toys].id, now=later)
    with place.acting(maker), transaction():
        payout = settlement.prepare_payout(statement_id=cards[place.toys].id, now=later)
    with place.acting(checker), transaction():
        settlement.approve_payout(payout_id=payout, now=later)
    with place.acting(maker), transaction():
        settlement.record_payment(payout_id=payout, bank_reference="20261124-0001", proof="回单.pdf", now=later)
    assert settlement.payable(place.toys) == 0 and ledger.prove().holds
    assert settlement.payout(payout).amount_fen == owed[place.toys]
