"""A member's bill at the till: opened, priced, held with a coupon and points, paid in cash, settled.

The limit does the writes that such a bill cannot do without, in the same three transactions.
"""

from django.db.models import Sum

from bench.measure import Effort, Timed
from bench.paths.path import Job, Path
from bench.place import Place, campaign, cards, hand_out
from shangquan.checkout import door as checkout
from shangquan.checkout.contracts import BillKind, BillState, LineDraft
from shangquan.checkout.models import Bill, BillDeduction
from shangquan.coupons.models import Piece
from shangquan.kernel.transactions import transaction
from shangquan.ledger import door as ledger
from shangquan.payments import door as payments
from shangquan.payments.contracts import Channel
from shangquan.payments.models import Intent
from shangquan.points import door as points
from shangquan.settlement.models import SettlementLine

_MEMBERS = 240
_SETUP = """
create table bench.account (id int primary key, debits bigint default 0, credits bigint default 0);
create table bench.piece (id int primary key, state text, bill_id bigint);
create table bench.bill (id bigserial primary key, key text unique, state text, quote jsonb, fen bigint, at timestamptz);
create table bench.line (id bigserial primary key, bill_id bigint, no int, fen bigint, unique (bill_id, no));
create table bench.deduction (id bigserial primary key, bill_id bigint, line int, payer text, fen bigint);
create table bench.intent (id bigserial primary key, bill_id bigint unique, state text, fen bigint);
create table bench.transfer (id bigserial primary key, debit int, credit int, fen bigint, source text, step text,
                             unique (source, step));
create table bench.settled (id bigserial primary key, bill_id bigint, kind text, fen bigint, unique (bill_id, kind));
create table bench.outbox (id bigserial primary key, name text, payload jsonb);
insert into bench.account select g from generate_series(1, 1010) g;
insert into bench.piece select g, 'unused' from generate_series(1, 1000) g;
"""
_SCRIPT = r"""
\set member random(11, 1010)
\set piece random(1, 1000)
begin;
insert into bench.bill (key, state, quote, fen, at) values (gen_random_uuid()::text, 'open', '{}', 19800, now())
  returning id \gset
insert into bench.line (bill_id, no, fen) values (:id, 1, 12900), (:id, 2, 3900), (:id, 3, 3000);
commit;
begin;
update bench.bill set state = 'held' where id = :id;
update bench.piece set state = 'held', bill_id = :id where id = :piece;
insert into bench.deduction (bill_id, line, payer, fen) select :id, no, 'owner', 100 from generate_series(1, 6) no;
insert into bench.transfer (debit, credit, fen, source, step) values (:member, 1, 1000, 'bill:' || :id, 'hold');
update bench.account set debits = debits + 1000 where id in (1, :member);
insert into bench.intent (bill_id, state, fen) values (:id, 'created', 15800);
commit;
begin;
update bench.intent set state = 'paid' where bill_id = :id;
update bench.piece set state = 'used' where id = :piece;
update bench.bill set state = 'paid' where id = :id;
insert into bench.settled (bill_id, kind, fen) values (:id, 'sale', 15800), (:id, 'subsidy', 4000), (:id, 'fee', -100);
insert into bench.transfer (debit, credit, fen, source, step) values
  (:member, 1, 1000, 'bill:' || :id, 'capture'), (2, 5, 15800, 'bill:' || :id, 'sale'), (3, 5, 4000, 'bill:' || :id, 'subsidy'),
  (5, 4, 100, 'bill:' || :id, 'fee');
update bench.account set credits = credits + 100 where id in (1, 2, 3, 4, 5, :member);
insert into bench.outbox (name, payload) values ('coupon_redeemed', '{}'), ('bill_paid', '{}'), ('payment_succeeded', '{}');
commit;
"""


def _prepare(place: Place, effort: Effort) -> Job:
    people = cards(place, "till", min(_MEMBERS, effort.calls))
    chosen = campaign(place, total=None, per_member=1)
    hand_out(place, chosen, people)
    with transaction():
        for member in people:
            points.grant(member_id=member, points=3_000, source="bench", source_id=str(member), memo="welcome")
    before = _settled_fen()

    def work(number: int) -> None:
        _pay(place, people[number], number)

    def check(took: Timed) -> bool:
        return _is_sound(chosen, took.calls, before)

    return Job(work, check, limit=_SCRIPT, limit_setup=_SETUP, calls=len(people))


def _pay(place: Place, member: int, number: int) -> None:
    lines = [LineDraft(product_id=product) for product in place.products[5:8]]
    with transaction():
        bill = checkout.open_bill(
            kind=BillKind.TILL, store_id=place.store, lines=lines, member_id=member,
            client_key=f"bench-{number:06d}", now=place.now,
        )  # fmt: skip
    with transaction():
        _, intent = checkout.hold(bill_id=bill.id, channel=Channel.CASH, expected_fen=bill.payable_fen, now=place.now)
    assert intent is not None, "something is left to pay"
    payments.charge(intent_id=intent.id, now=place.now)


def _is_sound(campaign_id: int, bills: int, before: int) -> bool:
    """Every bill is paid by its one payment, its coupon is used once, its points are gone, and the books agree."""
    rows = Bill.rows().filter(client_key__startswith="bench-")
    paid = rows.filter(state=BillState.PAID, points_used__gt=0).aggregate(fen=Sum("payable_fen"))["fen"]
    taken = Intent.rows().filter(state="paid", settlement="taken").aggregate(fen=Sum("amount_fen"))["fen"]
    spent = rows.aggregate(points=Sum("points_used"))["points"]
    given_up = BillDeduction.rows().filter(bill__in=rows).aggregate(fen=Sum("amount_fen"))["fen"]
    listed = rows.aggregate(fen=Sum("list_fen"))["fen"]
    return (
        rows.count() == rows.filter(state=BillState.PAID).count() == bills
        and paid == taken == listed - given_up
        and Piece.rows().filter(campaign_id=campaign_id, state="used").count() == bills
        and ledger.total("points.spent", "points").posted == spent
        and _settled_fen() > before
        and ledger.prove().holds
    )


def _settled_fen() -> int:
    return SettlementLine.rows().filter(kind="sale").aggregate(fen=Sum("amount_fen"))["fen"] or 0


PATH = Path("till bill: open, hold, pay in cash", _prepare)
