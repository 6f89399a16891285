"""Claiming on one hot campaign: one by one, gathered, and after it is sold out."""

from bench.measure import Effort, Timed
from bench.paths.path import Job, Path
from bench.place import Place, campaign, hand_out, request
from shangquan.coupons import door as coupons
from shangquan.coupons.models import Campaign, MemberCounter, Piece
from shangquan.kernel.transactions import transaction

_BATCH = 200
_SETUP = """
create table bench.stock (id int primary key, total bigint, claimed bigint not null default 0, check (claimed <= total));
create table bench.claim (id bigserial primary key, stock_id int, member_id bigint, at timestamptz default now(),
                          unique (stock_id, member_id));
insert into bench.stock values (1, 1000000000);
"""
_CLAIM = r"""
\set member random(1, 1000000000)
with down as (update bench.stock set claimed = claimed + {n} where id = 1 and claimed + {n} <= total returning id)
insert into bench.claim (stock_id, member_id)
select down.id, :member::bigint * 1000 + g from down, generate_series(1, {n}) g on conflict do nothing;
"""


def _one_by_one(place: Place, effort: Effort) -> Job:
    """The stock is less than is asked for, so that the end of the stock is part of the run when the machine is quick."""
    total = effort.calls - effort.calls // 10
    chosen = campaign(place, total=total, per_member=1)

    def work(number: int) -> None:
        with transaction():
            coupons.claim([request(chosen, 1_000_000 + number)], now=place.now)

    def check(took: Timed) -> bool:
        return _is_sound(chosen, min(total, took.calls), most_each=1)

    return Job(work, check, limit=_CLAIM.format(n=1), limit_setup=_SETUP)


def _batches(place: Place, effort: Effort) -> Job:
    chosen = campaign(place, total=None, per_member=1)

    def work(number: int) -> None:
        first = 10_000_000 + number * _BATCH
        with transaction():
            coupons.claim([request(chosen, first + i) for i in range(_BATCH)], now=place.now)

    def check(took: Timed) -> bool:
        return _is_sound(chosen, took.calls * _BATCH, most_each=1)

    return Job(work, check, limit=_CLAIM.format(n=_BATCH), limit_setup=_SETUP, threads=2, per_call=_BATCH)


def _sold_out(place: Place, effort: Effort) -> Job:
    chosen = campaign(place, total=10)
    hand_out(place, chosen, range(900_001, 900_011))
    reasons = []

    def work(number: int) -> None:
        with transaction():
            (answer,) = coupons.claim([request(chosen, 1_000 + number)], now=place.now)
        reasons.append(answer.reason.code if answer.reason else "granted")

    def check(took: Timed) -> bool:
        return reasons == ["C-4091"] * took.calls and _is_sound(chosen, 10, most_each=1)

    return Job(work, check, limit="select claimed >= total from bench.stock where id = 1;", limit_setup=_SETUP)


def _is_sound(campaign_id: int, pieces: int, *, most_each: int) -> bool:
    """So many pieces, counted alike by the campaign, by its members' counters and by the pieces, none twice."""
    row = Campaign.rows().get(id=campaign_id)
    held = list(Piece.rows().filter(campaign_id=campaign_id).values_list("member_id", flat=True))
    counted = list(MemberCounter.rows().filter(campaign_id=campaign_id).values_list("claimed", flat=True))
    return (
        row.claimed == len(held) == len(set(held)) == sum(counted) == pieces
        and (row.total is None or row.claimed <= row.total)
        and max(counted) <= most_each
    )


ONE_BY_ONE = Path("coupon claim, one by one", _one_by_one)
BATCHES = Path(f"coupon claim, {_BATCH} at a time", _batches)
SOLD_OUT = Path("coupon claim, sold out", _sold_out)
