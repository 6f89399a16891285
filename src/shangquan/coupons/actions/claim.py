"""Claiming: the hot path. Many requests, one statement, each answered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection

from shangquan.coupons import locks
from shangquan.coupons.contracts import (
    CLAIM_NOT_STARTED,
    CLAIM_OVER,
    DAY_FULL,
    LIMIT_REACHED,
    NO_CAMPAIGN,
    NOT_FOR_YOU,
    PAUSED,
    SOLD_OUT,
    WAY_CLOSED,
    ClaimAnswer,
    ClaimRequest,
    CouponClaimed,
    CouponKind,
    CouponTerms,
)
from shangquan.coupons.models import Campaign
from shangquan.coupons.queries.audience import Candidates
from shangquan.coupons.queries.places import Names, merchants_named
from shangquan.coupons.queries.stored import terms_of, validity_of
from shangquan.coupons.rules import valid_window
from shangquan.kernel import ids, scope
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required
from shangquan.tenancy import door as tenancy

_REASONS = {
    "unknown": NO_CAMPAIGN,
    "paused": PAUSED,
    "over": CLAIM_OVER,
    "not_started": CLAIM_NOT_STARTED,
    "way_closed": WAY_CLOSED,
    "not_for_you": NOT_FOR_YOU,
    "limit": LIMIT_REACHED,
    "sold_out": SOLD_OUT,
    "day_full": DAY_FULL,
}

# Answers a batch as its sequence would be answered. `fits`: within the member's own limit, counting the requests of this
# batch in order. `place`: the place among those that fit. The stock and the day's share are used up in that order, so a
# place beyond them is refused. Who is refused gets the reason that the sequence would give: own limit before stock.
_ANSWERS = """
with asked as (
  select * from unnest(%(campaign)s::bigint[], %(member)s::bigint[], %(key)s::text[], %(source)s::text[],
                       %(scene)s::bigint[], %(merchant)s::bigint[], %(bill)s::bigint[], %(code)s::text[],
                       %(invited)s::boolean[], %(trading)s::boolean[], %(from)s::timestamptz[],
                       %(to)s::timestamptz[], %(rest)s::bigint[], %(items)s::text[])
    with ordinality a(campaign_id, member_id, key, source, scene, merchant, bill, code, invited, trading, valid_from,
                      valid_to, rest, items, ord)
), judged as (
  select a.*, p.id as known_id, c.total - c.claimed as stock, c.per_day - coalesce(d.claimed, 0) as day_stock,
         c.per_member, c.per_day, coalesce(m.claimed, 0) as had,
         case when p.id is not null then 'repeat'
              when c.id is null or c.state in ('draft', 'submitted') then 'unknown'
              when c.state = 'paused' then 'paused'
              when not a.trading then 'paused'
              when c.state = 'ended' or c.claim_to <= %(now)s then 'over'
              when c.claim_from > %(now)s then 'not_started'
              when a.valid_to is null then 'over'
              when cardinality(c.sources) > 0 and a.source <> all (c.sources) then 'way_closed'
              when not a.invited then 'not_for_you'
              when m.claimed >= c.per_member then 'limit'
              when not a.campaign_id = any (%(locked)s) then 'sold_out'
         end as closed
    from asked a
    left join coupons_campaign c on c.id = a.campaign_id and c.district_id = %(district)s
    left join coupons_piece p on p.campaign_id = c.id and p.member_id = a.member_id and p.claim_key = a.key
    left join coupons_member_counter m on m.campaign_id = c.id and m.member_id = a.member_id
    left join coupons_day_counter d on d.campaign_id = c.id and d.day = %(today)s
), fitted as (
  select *, case when closed is null and (per_member is null or had + row_number() over
              (partition by campaign_id, member_id, closed is null order by ord) <= per_member) then 1 else 0 end as fits
    from judged
), placed as (
  select *, sum(fits) over (partition by campaign_id order by ord) as place from fitted
), granted as (
  select *, fits = 1 and place <= coalesce(stock, place) and place <= coalesce(day_stock, place) as is_granted
    from placed
), answered as (
  select ord, known_id, code, case
           when closed is not null then closed
           when is_granted then 'granted'
           when had + sum(is_granted::int) over (partition by campaign_id, member_id order by ord) >= per_member
             then 'limit'
           when stock <= sum(is_granted::int) over (partition by campaign_id order by ord) then 'sold_out'
           else 'day_full' end as answer
    from granted
)
"""

_CLAIM = (
    _ANSWERS
    + """
, made as (
  insert into coupons_piece
    (district_id, code, campaign_id, member_id, state, source, first_source, source_code_id, issued_merchant_id,
     issued_bill_id, claim_key, claimed_at, valid_from, valid_to, rest_fen, items_left, used_by, used_amount_fen,
     void_reason)
  select %(district)s, code, campaign_id, member_id, 'unused', source, source, scene, merchant, bill, key, %(now)s,
         valid_from, valid_to, rest, items::jsonb, '', 0, ''
    from granted where is_granted order by ord
  returning id, code
), stock_down as (
  update coupons_campaign c set claimed = c.claimed + g.n
    from (select campaign_id, count(*) as n from granted where is_granted group by campaign_id) g
   where c.id = g.campaign_id and c.district_id = %(district)s
), day_up as (
  insert into coupons_day_counter as d (district_id, campaign_id, day, claimed, cap)
  select %(district)s, campaign_id, %(today)s, count(*), max(per_day) from granted where is_granted group by campaign_id
  on conflict (campaign_id, day) do update set claimed = d.claimed + excluded.claimed, cap = excluded.cap
), member_up as (
  insert into coupons_member_counter as m (district_id, campaign_id, member_id, claimed, cap)
  select %(district)s, campaign_id, member_id, count(*), max(per_member) from granted where is_granted
   group by campaign_id, member_id
  on conflict (campaign_id, member_id) do update set claimed = m.claimed + excluded.claimed, cap = excluded.cap
)
select a.ord - 1, a.answer, coalesce(a.known_id, made.id) from answered a left join made on made.code = a.code order by 1
"""
)

# When no campaign asked for can give anything, nothing is written: the same answers at a fraction of the planning.
_REFUSE = _ANSWERS + "select ord - 1, answer, known_id from answered order by 1"


@required
def claim(requests: Sequence[ClaimRequest], *, now: datetime) -> list[ClaimAnswer]:
    """Answer each request, in order, as if they came one after the other; the answers keep that order.

    A request that was granted before under the same (campaign, member, key) is answered with its first piece.
    Refusals (in the answers, nothing is raised): C-4041 unknown or not published, C-4099 paused or its merchant suspended, C-4102 over,
    C-4224 not started, C-4035 not by this way, C-4031 not for this member, C-4092 own limit, C-4091 sold out,
    C-4093 the day's share is gone.

    Campaigns are locked in the order of their ids and only then counted, in a statement that begins after the lock:
    under READ COMMITTED a statement sees what was committed when it began. The truth is held by the constraints
    `coupons_not_oversold`, `coupons_day_not_over`, `coupons_member_not_over` and `coupons_claim_once`: should a lock
    ever be forgotten, the statement fails instead of giving one piece too many.
    """
    if not requests:
        return []
    first = {_identity(request): request for request in reversed(requests)}
    distinct = [request for request in requests if first[_identity(request)] is request]
    local = tenancy.local(now)
    offered = _offers({request.campaign_id for request in distinct}, local)
    locked = locks.campaigns_with_stock(offered)
    rows = _run(_parameters(distinct, offered, locked, local))
    answers = [_answer(request, row, offered) for request, row in zip(distinct, rows, strict=True)]
    publish(*(_event(answer) for answer in answers if answer.piece_id is not None and not answer.is_repeat))
    by_identity = {_identity(answer.request): answer for answer in answers}
    return [_for(request, by_identity[_identity(request)]) for request in requests]


def _identity(request: ClaimRequest) -> tuple[int, int, str]:
    return request.campaign_id, request.member_id, request.key


def _for(request: ClaimRequest, answer: ClaimAnswer) -> ClaimAnswer:
    """The answer to the first of equal requests of a batch, for each of them."""
    if answer.request is request:
        return answer
    return replace(answer, request=request, is_repeat=answer.piece_id is not None)


@dataclass(frozen=True, slots=True)
class _Offer:
    """What of a campaign does not change after publishing."""

    row: Campaign
    window: tuple[datetime, datetime] | None
    is_trading: bool
    rest_fen: int
    items: str


def _offers(campaign_ids: set[int], local: datetime) -> dict[int, _Offer]:
    terms = {row: terms_of(row) for row in Campaign.rows().filter(id__in=campaign_ids)}
    names = Names.of(merchants_named(terms.values()))
    return {row.id: _offer(row, own, names.may_show(own), local) for row, own in terms.items()}


def _offer(row: Campaign, terms: CouponTerms, is_trading: bool, local: datetime) -> _Offer:
    try:
        window = valid_window(local, validity_of(row))
    except ValueError:  # nothing is left of its validity
        window = None
    return _Offer(
        row=row,
        window=window,
        is_trading=is_trading,
        rest_fen=terms.amount_fen if terms.kind is CouponKind.ECASH else 0,
        items=str([list(item) for item in terms.items]),
    )


def _parameters(
    requests: Sequence[ClaimRequest], offered: dict[int, _Offer], locked: set[int], local: datetime
) -> dict[str, Any]:
    candidates = Candidates.of(requests, {campaign_id: offer.row for campaign_id, offer in offered.items()})
    offers = [offered.get(request.campaign_id) for request in requests]
    windows = [offer.window if offer and offer.window else (None, None) for offer in offers]
    return {
        "district": scope.district_id(),
        "now": local,
        "today": local.date(),
        "locked": list(locked),
        "campaign": [request.campaign_id for request in requests],
        "member": [request.member_id for request in requests],
        "key": [request.key for request in requests],
        "source": [request.source.value for request in requests],
        "scene": [request.source_code_id for request in requests],
        "merchant": [request.issued_merchant_id for request in requests],
        "bill": [request.issued_bill_id for request in requests],
        "code": [ids.code() for _ in requests],
        "invited": [candidates.may(request, local) for request in requests],
        "trading": [offer is None or offer.is_trading for offer in offers],
        "from": [start for start, _ in windows],
        "to": [end for _, end in windows],
        "rest": [offer.rest_fen if offer else 0 for offer in offers],
        "items": [offer.items if offer else "[]" for offer in offers],
    }


def _run(parameters: dict[str, Any]) -> list[tuple[int, str, int | None]]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM if parameters["locked"] else _REFUSE, parameters)
        return list(cursor.fetchall())


def _answer(request: ClaimRequest, row: tuple[int, str, int | None], offered: dict[int, _Offer]) -> ClaimAnswer:
    _, answer, piece_id = row
    if answer in ("granted", "repeat"):
        return ClaimAnswer(request, piece_id=piece_id, is_repeat=answer == "repeat")
    return ClaimAnswer(request, reason=_REASONS[answer], data=_explain(answer, offered.get(request.campaign_id)))


def _explain(answer: str, offer: _Offer | None) -> dict[str, Any]:
    if offer is None:
        return {}
    if answer == "limit":
        return {"per_member": offer.row.per_member}
    if answer == "not_started" and offer.row.claim_from:
        return {
            "at": f"{tenancy.local(offer.row.claim_from):%m-%d %H:%M}",
            "starts_at": offer.row.claim_from.isoformat(),
        }
    return {}


def _event(answer: ClaimAnswer) -> CouponClaimed:
    assert answer.piece_id is not None, "only granted claims are told"
    request = answer.request
    return CouponClaimed(
        piece_id=answer.piece_id,
        campaign_id=request.campaign_id,
        member_id=request.member_id,
        source=request.source.value,
        source_code_id=request.source_code_id,
    )
