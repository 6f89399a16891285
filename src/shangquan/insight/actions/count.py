"""Counting events into read models. Each is called by one reaction, whose mark makes it happen once."""

from datetime import datetime

from django.db import connection

from shangquan.insight.models import CampaignSale
from shangquan.kernel import scope
from shangquan.kernel.transactions import required
from shangquan.tenancy import door as tenancy


@required
def count_bill(
    *, merchant_id: int, store_id: int, is_member: bool, list_fen: int, paid_fen: int, saved_fen: int, at: datetime
) -> None:
    _add_hour(
        merchant_id, store_id, at, bills=1, member_bills=int(is_member), list_fen=list_fen, paid_fen=paid_fen,
        saved_fen=saved_fen,
    )  # fmt: skip


@required
def count_refund(*, merchant_id: int, store_id: int, refunded_fen: int, at: datetime) -> None:
    _add_hour(merchant_id, store_id, at, refunds=1, refunded_fen=refunded_fen)


@required
def count_visit(*, member_id: int, store_id: int, merchant_id: int, known_by: str, at: datetime) -> None:
    """Once a member, store and local day (`visit_once_a_day`); the first way of knowing stays."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into insight_visit (district_id, member_id, store_id, merchant_id, day, first_at, known_by)"
            " values (%s, %s, %s, %s, %s, %s, %s) on conflict on constraint visit_once_a_day do nothing",
            [scope.district_id(), member_id, store_id, merchant_id, tenancy.today(at), at, known_by],
        )


@required
def count_new_member(*, channel: str, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into insight_newmemberfigure as f (district_id, day, channel, count) values (%s, %s, %s, 1)"
            " on conflict on constraint new_member_figure_once do update set count = f.count + 1",
            [scope.district_id(), tenancy.today(at), channel or "unknown"],
        )


@required
def count_redemption(
    *,
    campaign_id: int,
    bill_id: int,
    piece_id: int,
    member_id: int,
    merchant_id: int,
    store_id: int,
    cost_fen: int,
    sales_fen: int,
    issued_at_merchant_id: int | None,
    at: datetime,
) -> None:
    """A piece was used on a bill. `issued_at_merchant_id`: where the payment was that brought the piece, if it was one."""
    CampaignSale.objects.bulk_create(
        [
            CampaignSale(
                campaign_id=campaign_id, bill_id=bill_id, piece_id=piece_id, member_id=member_id, merchant_id=merchant_id,
                store_id=store_id, cost_fen=cost_fen, sales_fen=sales_fen, at=at,
            )
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    if issued_at_merchant_id is not None and issued_at_merchant_id != merchant_id:
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into insight_merchantflow as f"
                " (district_id, day, from_merchant_id, to_merchant_id, pieces, sales_fen) values (%s, %s, %s, %s, 1, %s)"
                " on conflict on constraint merchant_flow_once"
                " do update set pieces = f.pieces + 1, sales_fen = f.sales_fen + excluded.sales_fen",
                [scope.district_id(), tenancy.today(at), issued_at_merchant_id, merchant_id, sales_fen],
            )


_COLUMNS = ("bills", "member_bills", "list_fen", "paid_fen", "saved_fen", "refunds", "refunded_fen")


def _add_hour(merchant_id: int, store_id: int, at: datetime, **sums: int) -> None:
    local = tenancy.local(at)
    values = [sums.get(column, 0) for column in _COLUMNS]
    grow = ", ".join(f"{column} = f.{column} + excluded.{column}" for column in _COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into insight_hourfigure as f (district_id, day, hour, merchant_id, store_id, {', '.join(_COLUMNS)})"
            f" values (%s, %s, %s, %s, %s, {', '.join(['%s'] * len(_COLUMNS))})"
            f" on conflict on constraint hour_figure_once do update set {grow}",
            [scope.district_id(), local.date(), local.hour, merchant_id, store_id, *values],
        )
