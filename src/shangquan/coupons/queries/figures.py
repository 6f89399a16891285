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
# chain was used. What was taken off is what the uses say, less what came back.
_USED = """
  used as (
    select u.piece_id, sum(case when u.is_back then -u.amount_fen else u.amount_fen end) as amount_fen,
           sum(case when u.is_back then 0 else u.basket_fen end) as basket_fen,
           count(*) filter (where not u.is_back) > count(distinct u.bill_id) filter (where u.is_back) as is_used
      from coupons_piece_use u join coupons_piece p on p.id = u.piece_id
     where u.district_id = %(district)s and p.campaign_id = any (%(campaigns)s)
     group by u.piece_id
  )"""

_TOTALS = f"""
with {_USED}
select p.campaign_id,
       count(*) filter (where p.origin_id is null),
       count(*) filter (where u.is_used),
       count(*) filter (where p.state in ('unused', 'held', 'giving') and p.valid_to <= %(now)s
                          and not coalesce(u.is_used, false)),
       count(*) filter (where p.state = 'given'),
       count(*) filter (where p.state = 'void'),
       coalesce(sum(u.amount_fen), 0), coalesce(sum(u.basket_fen) filter (where u.is_used), 0),
       count(*) filter (where p.origin_id is null and (p.shown_at is not null or u.is_used))
  from coupons_piece p left join used u on u.piece_id = p.id
 where p.district_id = %(district)s and p.campaign_id = any (%(campaigns)s)
 group by p.campaign_id
"""

_SLICES = f"""
with {_USED}
select p.campaign_id, 'source', p.first_source, count(*) filter (where p.origin_id is null),
       count(*) filter (where u.is_used), coalesce(sum(u.amount_fen), 0)
  from coupons_piece p left join used u on u.piece_id = p.id
 where p.district_id = %(district)s and p.campaign_id = any (%(campaigns)s) group by 1, 3
union all
select p.campaign_id, 'code', coalesce(p.source_code_id::text, ''), count(*) filter (where p.origin_id is null),
       count(*) filter (where u.is_used), coalesce(sum(u.amount_fen), 0)
  from coupons_piece p left join used u on u.piece_id = p.id
 where p.district_id = %(district)s and p.campaign_id = any (%(campaigns)s) group by 1, 3
union all
select p.campaign_id, 'store', x.store_id::text, 0,
       count(distinct x.piece_id) filter (where not x.is_back and coalesce(u.is_used, false)),
       sum(case when x.is_back then -x.amount_fen else x.amount_fen end)
  from coupons_piece_use x join coupons_piece p on p.id = x.piece_id left join used u on u.piece_id = x.piece_id
 where x.district_id = %(district)s and p.campaign_id = any (%(campaigns)s) group by 1, 3
order by 1, 2, 4 desc, 3
"""

_FLOW = """
select p.issued_merchant_id, u.merchant_id, p.campaign_id, u.amount_fen, count(*), sum(u.basket_fen)
  from coupons_piece_use u join coupons_piece p on p.id = u.piece_id
 where u.district_id = %(district)s and not u.is_back and p.issued_merchant_id is not null
   and u.merchant_id <> p.issued_merchant_id and u.at >= %(since)s and u.at < %(until)s
   and not exists (select 1 from coupons_piece_use b
                    where b.piece_id = u.piece_id and b.bill_id = u.bill_id and b.is_back)
   and (%(merchant)s::bigint is null or %(merchant)s in (p.issued_merchant_id, u.merchant_id))
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

    Uses that were given back are left out. The largest flow first.
    """
    given = {"district": scope.district_id(), "since": since, "until": until, "merchant": merchant_id}
    rows = _rows(_FLOW, given)
    terms = {row.id: terms_of(row) for row in Campaign.rows().filter(id__in={row[2] for row in rows})}
    found: dict[tuple[int, int], dict[str, Any]] = {}
    for start, end, campaign_id, amount, count, basket in rows:
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
