"""The bill that the till and the phone show: ¥198.00, saved ¥40.00, and ¥145.00 for a bag more."""

from dataclasses import replace

import pytest

from shangquan.checkout.contracts import Choice, Line
from shangquan.checkout.rules import alternatives, price
from shangquan.checkout.tests.worked_tables import AT, worked

STORY = worked()[0]
BAG = Line(99, 50, 1, 1, 1, 1, 200, "环保袋")


@pytest.mark.feature("I1", "F9", "G12")
def test_the_sentences_of_the_till() -> None:
    quote = price(STORY.basket, STORY.offers, AT)
    assert (quote.list_fen, quote.saved_fen, quote.payable_fen, quote.points_used) == (19_800, 4_000, 15_800, 1_000)
    assert [notice.why.zh for notice in quote.not_used] == ["只省 ¥19.80，少于已选", "还差 ¥2.00", "出场时使用"]
    assert quote.deductions[-1].title_zh == "1,000 积分抵扣"


@pytest.mark.feature("I1")
def test_a_bag_more_pays_less() -> None:
    (nudge,) = price(STORY.basket, STORY.offers, AT, Choice(fillers=(BAG,))).nudges
    assert (nudge.piece_id, nudge.add_fen, nudge.payable_fen) == (3, 200, 14_500)
    assert nudge.filler is not None
    assert nudge.filler.product_id == BAG.product_id
    bigger = replace(STORY.basket, lines=(*STORY.basket.lines, nudge.filler))
    assert price(bigger, STORY.offers, AT).payable_fen == nudge.payable_fen


@pytest.mark.feature("I1")
def test_the_other_combination() -> None:
    first, second = alternatives(3, STORY.basket, STORY.offers, AT)
    assert first.payable_fen == 15_800
    assert [d.ref for d in second.deductions] == ["2", "points"]
    assert second.payable_fen == 19_800 - 1_980 - 1_000
    by_hand = price(STORY.basket, STORY.offers, AT, Choice(forced=(2,)))
    assert by_hand.deductions == second.deductions
    assert [notice.why.code for notice in by_hand.not_used if notice.piece_id == 1] == ["other_chosen"]


@pytest.mark.feature("G12")
def test_points_kept() -> None:
    quote = price(STORY.basket, STORY.offers, AT, Choice(use_points=False))
    assert (quote.payable_fen, quote.points_used) == (16_800, 0)
