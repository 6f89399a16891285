from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from shangquan.checkout.contracts import BillKind, BillState, DeductionKind
from shangquan.kernel.tenant import TenantModel

_PAID = [BillState.PAID, BillState.PARTLY_REFUNDED, BillState.REFUNDED]


class Bill(TenantModel):
    """What one customer owes one store. Its sums are those of its quote; what is paid for never changes after.

    `choice` is what the member chose by hand, `quote` what was shown last. `client_key` is the caller's own name for the
    bill and `fingerprint` what was asked under it, so that a repeat finds the same bill.
    """

    id = models.BigAutoField(primary_key=True)
    number = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in BillKind])
    merchant_id = models.BigIntegerField()
    store_id = models.BigIntegerField()
    member_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=16, default=BillState.OPEN)
    list_fen = models.BigIntegerField()
    saved_fen = models.BigIntegerField(default=0)
    prepaid_fen = models.BigIntegerField(default=0)
    payable_fen = models.BigIntegerField()
    refunded_fen = models.BigIntegerField(default=0)
    points_used = models.BigIntegerField(default=0)
    points_to_earn = models.BigIntegerField(default=0)
    choice = models.JSONField(default=dict)
    quote = models.JSONField(default=dict)
    client_key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    staff_id = models.BigIntegerField(null=True)
    referrer_id = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=20, default="", blank=True)
    intent_id = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField()
    held_at = models.DateTimeField(null=True)
    hold_until = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "checkout_bill"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "client_key"], name="bill_client_key_once"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in BillState]), name="bill_state_known"),
            models.CheckConstraint(
                condition=Q(list_fen=F("saved_fen") + F("prepaid_fen") + F("payable_fen")), name="bill_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(
                    list_fen__gte=0,
                    saved_fen__gte=0,
                    prepaid_fen__gte=0,
                    payable_fen__gte=0,
                    refunded_fen__gte=0,
                    refunded_fen__lte=F("payable_fen"),
                ),
                name="bill_never_below_zero",
            ),
            models.CheckConstraint(
                condition=Q(state__in=_PAID, paid_at__isnull=False) | (~Q(state__in=_PAID) & Q(paid_at__isnull=True)),
                name="bill_paid_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=BillState.HELD) | Q(hold_until__isnull=False), name="bill_hold_ends"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["district_id", "store_id", "-id"], name="bill_of_store"),
            models.Index(fields=["district_id", "member_id", "-id"], name="bill_of_member"),
            models.Index(fields=["district_id", "merchant_id", "paid_at"], name="bill_paid_by_merchant"),
            models.Index(
                fields=["district_id", "opened_at"], condition=Q(state__in=["open", "held"]), name="bill_unfinished"
            ),
        ]


class BillLine(TenantModel):
    """One line. `paid_fen` and `points_used` are its part of what was paid, fixed when the bill is held.

    A typed amount (`by_amount`) is so many pieces of one fen, so that any part of it can be returned.
    """

    id = models.BigAutoField(primary_key=True)
    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="lines")
    line_no = models.PositiveIntegerField()
    product_id = models.BigIntegerField(null=True)
    category_id = models.BigIntegerField(null=True)
    title = models.CharField(max_length=120)
    quantity = models.PositiveIntegerField()
    unit_fen = models.BigIntegerField()
    list_fen = models.BigIntegerField()
    by_amount = models.BooleanField(default=False)
    points_multiplier_bp = models.PositiveIntegerField(default=10_000)
    paid_fen = models.BigIntegerField(default=0)
    points_used = models.BigIntegerField(default=0)
    returned = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "checkout_bill_line"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bill", "line_no"], name="bill_line_no_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1, unit_fen__gte=0), name="bill_line_has_pieces"),
            models.CheckConstraint(condition=Q(list_fen=F("quantity") * F("unit_fen")), name="bill_line_adds_up"),
            models.CheckConstraint(condition=Q(returned__lte=F("quantity")), name="bill_line_returned_once"),
            models.CheckConstraint(
                condition=Q(paid_fen__gte=0, paid_fen__lte=F("list_fen")), name="bill_line_paid_within"
            ),
        ]


class BillDeduction(TenantModel):
    """One deduction of a held or paid bill, in the order of application."""

    id = models.BigAutoField(primary_key=True)
    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="deductions")
    place = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in DeductionKind])
    ref = models.CharField(max_length=40)
    piece_id = models.BigIntegerField(null=True)
    title_zh = models.CharField(max_length=80)
    title_en = models.CharField(max_length=120)
    amount_fen = models.BigIntegerField()
    points = models.BigIntegerField(default=0)
    items = models.JSONField(default=list)

    class Meta:
        db_table = "checkout_bill_deduction"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bill", "place"], name="bill_deduction_once"),
            models.UniqueConstraint(
                fields=["bill", "piece_id"], condition=Q(piece_id__isnull=False), name="bill_piece_once"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="bill_deduction_positive"),
        ]


class BillDeductionShare(TenantModel):
    """Who bears how much of a deduction on which line."""

    id = models.BigAutoField(primary_key=True)
    deduction = models.ForeignKey(BillDeduction, on_delete=models.CASCADE, related_name="shares")
    line = models.ForeignKey(BillLine, on_delete=models.PROTECT, related_name="shares")
    payer = models.CharField(max_length=40)
    amount_fen = models.BigIntegerField()

    class Meta:
        db_table = "checkout_bill_deduction_share"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["deduction", "line", "payer"], name="bill_share_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="bill_share_positive"),
        ]


class BillRefund(TenantModel):
    """One return. Its money goes by `payment_refund_id`; `done_at` is when the channel has paid it back."""

    id = models.BigAutoField(primary_key=True)
    number = models.CharField(max_length=32, unique=True)
    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="refunds")
    client_key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    list_fen = models.BigIntegerField()
    refund_fen = models.BigIntegerField()
    points_back = models.BigIntegerField(default=0)
    points_taken = models.BigIntegerField(default=0)
    coupons_back = models.JSONField(default=list)
    coupons_lost = models.JSONField(default=list)
    is_whole = models.BooleanField()
    reason = models.CharField(max_length=80)
    staff_id = models.BigIntegerField(null=True)
    payment_refund_id = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "checkout_bill_refund"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "client_key"], name="bill_refund_client_key_once"),
            models.CheckConstraint(condition=Q(refund_fen__gte=0), name="bill_refund_not_negative"),
        ]
        indexes: ClassVar = [models.Index(fields=["bill", "id"], name="bill_refunds_in_order")]


class BillRefundLine(TenantModel):
    """What went back for some pieces of a line; `shares` are [kind, ref, payer, fen] of what was not paid in money."""

    id = models.BigAutoField(primary_key=True)
    refund = models.ForeignKey(BillRefund, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(BillLine, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    list_fen = models.BigIntegerField()
    paid_fen = models.BigIntegerField()
    points_used = models.BigIntegerField()
    points_earned = models.BigIntegerField(default=0)
    shares = models.JSONField(default=list)

    class Meta:
        db_table = "checkout_bill_refund_line"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["refund", "line"], name="bill_refund_line_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1, paid_fen__gte=0), name="bill_refund_line_sound"),
        ]
