from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from shangquan.settlement.contracts import LineKind, Posted
from shangquan.settlement.rules import Booked, Part, commission_back, lines_of_payment, lines_of_refund

A, B = 1, 2


def sums(lines: list[Posted]) -> dict[tuple[int, str], int]:
    found: dict[tuple[int, str], int] = defaultdict(int)
    for line in lines:
        found[line.merchant_id, line.kind] += line.amount_fen
    return dict(found)


def test_a_coupon_of_a_used_at_b_is_made_good_60_to_40() -> None:
    part = Part(B, 22, 70_00, (("merchant:1", "cash", 18_00), ("merchant:2", "cash", 12_00)))
    lines = sums(lines_of_payment([part], "wechat_code", {B: 500}))
    assert lines == {
        (B, LineKind.SALE): 70_00, (B, LineKind.SUBSIDY_IN): 18_00, (A, LineKind.SUBSIDY_OUT): -18_00,
        (B, LineKind.COMMISSION): -4_40,
    }  # fmt: skip


def test_cash_is_in_the_merchants_drawer_already() -> None:
    lines = sums(lines_of_payment([Part(A, 11, 50_00, ())], "cash", {A: 100}))
    assert lines == {(A, LineKind.SALE): 50_00, (A, LineKind.CASH_KEPT): -50_00, (A, LineKind.COMMISSION): -50}


def test_points_are_borne_by_the_owner() -> None:
    lines = sums(
        lines_of_payment(
            [Part(A, 11, 158_00, (("owner", "points", 10_00), ("owner", "cash", 30_00)))], "wechat_code", {}
        )
    )
    assert lines == {(A, LineKind.SALE): 158_00, (A, LineKind.POINTS_IN): 10_00, (A, LineKind.SUBSIDY_IN): 30_00}


parts = st.lists(
    st.builds(
        Part,
        st.just(A),
        st.just(11),
        st.integers(0, 10**6),
        st.lists(
            st.tuples(
                st.sampled_from(["owner", "merchant:1", "merchant:2"]),
                st.sampled_from(["cash", "points"]),
                st.integers(0, 10**5),
            ),
            max_size=3,
        ).map(tuple),
    ),
    min_size=1,
    max_size=5,
)


@given(parts=parts, bp=st.integers(0, 3000), channel=st.sampled_from(["cash", "wechat_code"]))
def test_returning_line_by_line_undoes_a_payment_exactly(parts: list[Part], bp: int, channel: str) -> None:
    total: dict[int, int] = defaultdict(int)
    made = lines_of_payment(parts, channel, {A: bp})
    commission = -sum(line.amount_fen for line in made if line.kind == LineKind.COMMISSION)
    received = sum(part.received_fen for part in parts)
    back, commission_gone = 0, 0
    for part in parts:
        undone = lines_of_refund([part], channel, {A: Booked(received, commission, back, commission_gone)})
        back += part.received_fen
        commission_gone += sum(line.amount_fen for line in undone if line.kind == LineKind.COMMISSION_BACK)
        made += undone
    for line in made:
        total[line.merchant_id] += line.amount_fen
    assert all(left == 0 for left in total.values())


@given(st.integers(1, 10**7), st.integers(0, 10**6), st.lists(st.integers(0, 10**6), max_size=6))
def test_commission_given_back_never_exceeds_what_was_charged(received: int, commission: int, steps: list[int]) -> None:
    gone = given_back = 0
    for step in steps:
        step = min(step, received - gone)
        now = commission_back(Booked(received, commission, gone, given_back), step)
        gone, given_back = gone + step, given_back + now
        assert now >= 0 and given_back <= commission
