"""Issued, claimed, redeemed: exact, counted from the pieces themselves in set-based queries (F15, F19, F11)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from shangquan.coupons.contracts import (
    NO_CAMPAIGN,
    REDEEMER,
    CampaignFigures,
    CouponTerms,
    FlowRow,
    Funnel,
    SliceFigures,
)
from shangquan.coupons.models import Campaign
from shangquan.coupons.queries.stored import terms_of
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.money import allocate

# A gift is not another claim: pieces are counted by their claim, and a claim counts as redeemed when any piece in its
# chain is used. `took` is what one bill, or one check at the counter, took from a piece, less what came back: it counts
# as a use unless everything came back.
_TOOK = """
  took as (
    select u.piece_id, min(u.merchant_id) as merchant_id, min(u.store_id) as store_id, min(u.at) as at,
           sum(case when u.is_back then -u.amount_fen else u.amount_fen end) as amount_fen,
           sum(u.basket_fen) as basket_fen
      from coupons_piece_use u join coupons_piece p on p.id = u.piece_id
     where u.district_id = %(district)s and {which}
     group by u.piece_id, coalesce(u.bill_id, -u.id)
    having not bool_or(u.is_back) or sum(case when u.is_back then -u.amount_fen else u.amount_fen end) > 0
  )"""

_USED = (
    _TOOK.format(which="p.campaign_id = any (%(campaigns)s)")
    + """, used as (
    select piece_id, sum(amount_fen) as amount_fen, sum(basket_fen) as basket_fen from took group by piece_id
  ), piece as (
    select p.*, coalesce(u.amount_fen, 0) as taken_fen, coalesce(u.basket_fen, 0) as basket_fen,
           u.piece_id is not null as is_used
      from coupons_piece p left join used u on u.piece_id = p.id
     where p.district_id = %(district)s and p.campaign_id = any (%(campaigns)s)
  )"""
)

_TOTALS = f"""
with {_USED}
select campaign_id,
       count(*) filter (where origin_id is null),
       count(*) filter (where is_used),
       count(*) filter (where state in ('unused', 'held', 'giving') and valid_to <= %(now)s and not is_used),
       count(*) filter (where state = 'given'),
       count(*) filter (where state = 'void'),
       sum(taken_fen), sum(basket_fen),
       count(*) filter (where origin_id is null and (shown_at is not null or is_used))
  from piece group by campaign_id
"""

_SLICES = f"""
with {_USED}
select campaign_id, 'source', first_source, count(*) filter (where origin_id is null),
       count(*) filter (where is_used), sum(taken_fen)
  from piece group by 1, 3
union all
select campaign_id, 'code', coalesce(source_code_id::text, ''), count(*) filter (where origin_id is null),
       count(*) filter (where is_used), sum(taken_fen)
  from piece group by 1, 3
union all
select p.campaign_id, 'store', t.store_id::text, 0, count(distinct t.piece_id), sum(t.amount_fen)
  from took t join piece p on p.id = t.piece_id group by 1, 3
order by 1, 2, 4 desc, 3
"""

_FLOW = f"""
with {_TOOK.format(which="p.issued_merchant_id is not null")}
select p.issued_merchant_id, t.merchant_id, p.campaign_id, t.amount_fen, count(*), sum(t.basket_fen)
  from took t join coupons_piece p on p.id = t.piece_id
 where t.merchant_id <> p.issued_merchant_id and t.at >= %(since)s and t.at < %(until)s
   and (%(merchant)s::bigint is null or %(merchant)s in (p.issued_merchant_id, t.merchant_id))
 group by 1, 2, 3, 4
"""


def figures(campaign_ids: Sequence[int], now: datetime) -> dict[int, CampaignFigures]:
    """Of many campaigns in three queries; every known one is in the answer, unclaimed ones with zeros."""
    given = {"district": scope.district_id(), "campaigns": list(campaign_ids), "now": now}
    totals = {row[0]: row[1:] for row in _rows(_TOTALS, given)}
    slices: dict[tuple[int, str], list[SliceFigures]] = {}
    for campaign_id, by, key, claimed, redeemed, amount in _rows(_SLICES, given):
        slices.setdefault((campaign_id, by), []).append(SliceFigures(key, claimed, redeemed, int(amount)))
    return {
        row.id: _figures(row, totals.get(row.id, (0,) * 8), slices)
        for row in Campaign.rows().filter(id__in=campaign_ids)
    }


def figures_of(campaign_id: int, now: datetime) -> CampaignFigures:
    """Refuses C-4041."""
    found = figures([campaign_id], now)
    if campaign_id not in found:
        raise Refused(NO_CAMPAIGN)
    return found[campaign_id]


def funnel(campaign_id: int, now: datetime) -> Funnel:
    """Claimed on line, shown in the shop, redeemed, and the worth of those baskets (F19). A used piece was shown."""
    given = {"district": scope.district_id(), "campaigns": [campaign_id], "now": now}
    rows = _rows(_TOTALS, given)
    if not rows:
        return Funnel(0, 0, 0, 0, 0)
    _, claimed, redeemed, _, _, _, amount, basket, shown = rows[0]
    return Funnel(claimed=claimed, shown=shown, redeemed=redeemed, basket_fen=int(basket), amount_fen=int(amount))


def flow(since: datetime, until: datetime, *, merchant_id: int | None = None) -> list[FlowRow]:
    """From the merchant whose payment issued a coupon to the one where it was used, with who bore its cost (F11).

    Less what was given back. The largest flow first.
    """
    given = {"district": scope.district_id(), "since": since, "until": until, "merchant": merchant_id}
    rows = _rows(_FLOW, given)
    terms = {row.id: terms_of(row) for row in Campaign.rows().filter(id__in={row[2] for row in rows})}
    found: dict[tuple[int, int], dict[str, Any]] = {}
    for start, end, campaign_id, taken, count, basket in rows:
        amount = int(taken)
        sums = found.setdefault((start, end), {"redeemed": 0, "amount": 0, "basket": 0, "borne": {}})
        sums["redeemed"] += count
        sums["amount"] += amount * count
        sums["basket"] += int(basket)
        for payer, fen in _borne(terms[campaign_id], end, amount):
            sums["borne"][payer] = sums["borne"].get(payer, 0) + fen * count
    flows = [
        FlowRow(start, end, sums["redeemed"], sums["amount"], sums["basket"], tuple(sorted(sums["borne"].items())))
        for (start, end), sums in found.items()
    ]
    return sorted(flows, key=lambda row: (-row.redeemed, row.from_merchant_id, row.to_merchant_id))


def _borne(terms: CouponTerms, redeemer_id: int, amount: int) -> list[tuple[str, int]]:
    parts = allocate(amount, [share.bp for share in terms.payers])
    names = [f"merchant:{redeemer_id}" if share.payer == REDEEMER else share.payer for share in terms.payers]
    return list(zip(names, parts, strict=True))


def _rows(statement: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall())


def _figures(
    row: Campaign, totals: Sequence[Any], slices: dict[tuple[int, str], list[SliceFigures]]
) -> CampaignFigures:
    claimed, redeemed, expired, given, void, amount, basket, _ = totals
    return CampaignFigures(
        campaign_id=row.id,
        title=row.title,
        total=row.total,
        claimed=claimed,
        redeemed=redeemed,
        expired=expired,
        given=given,
        void=void,
        amount_fen=int(amount),
        basket_fen=int(basket),
        by_source=tuple(slices.get((row.id, "source"), ())),
        by_code=tuple(slices.get((row.id, "code"), ())),
        by_store=tuple(slices.get((row.id, "store"), ())),
    )
