from typing import ClassVar

from django.db import models
from django.db.models import Q

from shangquan.kernel.tenant import TenantModel
from shangquan.pos.contracts import Part, RingState


class Till(TenantModel):
    """A place where a store takes money. `paper` is the width of its printer in columns: 32 (58 mm) or 48 (80 mm)."""

    id = models.BigAutoField(primary_key=True)
    merchant_id = models.BigIntegerField()
    store_id = models.BigIntegerField()
    name = models.CharField(max_length=20)
    paper = models.PositiveSmallIntegerField(default=32)
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "pos_till"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store_id", "name"], name="till_name_once"),
            models.CheckConstraint(condition=Q(paper__in=[32, 48]), name="till_paper_known"),
        ]


class Shift(TenantModel):
    """From opening to counting. `counted` are the fen counted by channel, `expected` what they should have been."""

    id = models.BigAutoField(primary_key=True)
    till = models.ForeignKey(Till, on_delete=models.PROTECT, related_name="+")
    opened_by = models.BigIntegerField()
    opened_name = models.CharField(max_length=80)
    opening_cash_fen = models.BigIntegerField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.BigIntegerField(null=True)
    closed_name = models.CharField(max_length=80, default="", blank=True)
    counted = models.JSONField(default=dict)
    note = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        db_table = "pos_shift"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["till"], condition=Q(closed_at__isnull=True), name="shift_one_open"),
            models.CheckConstraint(condition=Q(opening_cash_fen__gte=0), name="shift_opening_not_negative"),
        ]


class Ring(TenantModel):
    """What is being rung up: it stands here and in its bill, so a reload, a second tab or a power cut loses nothing."""

    id = models.BigAutoField(primary_key=True)
    till = models.ForeignKey(Till, on_delete=models.PROTECT, related_name="+")
    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, default=RingState.OPEN)
    bill_id = models.BigIntegerField(null=True)
    member_id = models.BigIntegerField(null=True)
    member_how = models.CharField(max_length=12, default="", blank=True)
    referrer_id = models.BigIntegerField(null=True)
    intent_id = models.BigIntegerField(null=True)
    received_fen = models.BigIntegerField(null=True)
    newest = models.PositiveIntegerField(default=0)
    label = models.CharField(max_length=40, default="", blank=True)
    opened_at = models.DateTimeField()

    class Meta:
        db_table = "pos_ring"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["till"], condition=Q(state="open"), name="ring_one_open"),
            models.UniqueConstraint(fields=["bill_id"], condition=Q(bill_id__isnull=False), name="ring_bill_once"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in RingState]), name="ring_state_known"),
        ]
        indexes: ClassVar = [models.Index(fields=["till"], condition=Q(state="parked"), name="ring_parked")]


class TillSale(TenantModel):
    """A bill that this till took, written in the transaction that pays it: a shift's totals always match."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    till = models.ForeignKey(Till, on_delete=models.PROTECT, related_name="+")
    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="+")
    bill_id = models.BigIntegerField()
    channel = models.CharField(max_length=20)
    amount_fen = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "pos_till_sale"
        constraints: ClassVar = [models.UniqueConstraint(fields=["bill_id"], name="till_sale_once")]
        indexes: ClassVar = [models.Index(fields=["shift", "channel"], name="till_sale_of_shift")]


class TillReturn(TenantModel):
    """A return that this till made, in the transaction of the return."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    till = models.ForeignKey(Till, on_delete=models.PROTECT, related_name="+")
    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="+")
    bill_id = models.BigIntegerField()
    refund_id = models.BigIntegerField()
    channel = models.CharField(max_length=20)
    amount_fen = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "pos_till_return"
        constraints: ClassVar = [models.UniqueConstraint(fields=["refund_id"], name="till_return_once")]
        indexes: ClassVar = [models.Index(fields=["shift", "channel"], name="till_return_of_shift")]


class QuickKey(TenantModel):
    """Goods without a bar code, one key each, in the order of `place`."""

    id = models.BigAutoField(primary_key=True)
    store_id = models.BigIntegerField()
    product_id = models.BigIntegerField()
    place = models.PositiveIntegerField()

    class Meta:
        db_table = "pos_quick_key"
        constraints: ClassVar = [models.UniqueConstraint(fields=["store_id", "product_id"], name="quick_key_once")]


class Receipt(TenantModel):
    """One print, as the bytes that went to the printer. Copy 0 is the first, every other one says that it is a copy."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    till = models.ForeignKey(Till, on_delete=models.PROTECT, related_name="+")
    store_id = models.BigIntegerField()
    bill_id = models.BigIntegerField()
    refund_id = models.BigIntegerField(null=True)
    copy_no = models.PositiveIntegerField()
    columns = models.PositiveSmallIntegerField()
    content = models.BinaryField()
    printed_by = models.CharField(max_length=80)
    printed_at = models.DateTimeField()

    class Meta:
        db_table = "pos_receipt"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["bill_id", "copy_no"], condition=Q(refund_id__isnull=True), name="receipt_copy_once"
            ),
            models.UniqueConstraint(
                fields=["refund_id", "copy_no"], condition=Q(refund_id__isnull=False), name="receipt_refund_copy_once"
            ),
        ]


class OfflineTicket(TenantModel):
    """A sale that a till made without a network, numbered by the till. `answer` is what its first upload was told."""

    id = models.BigAutoField(primary_key=True)
    till = models.ForeignKey(Till, on_delete=models.PROTECT, related_name="+")
    seq = models.BigIntegerField()
    fingerprint = models.CharField(max_length=64)
    content = models.JSONField()
    state = models.CharField(max_length=8, default="taken")
    bill_id = models.BigIntegerField(null=True)
    answer = models.JSONField(default=dict)
    sold_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        db_table = "pos_offline_ticket"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["till", "seq"], name="offline_ticket_once"),
            models.CheckConstraint(
                condition=Q(state__in=["taken", "booked", "refused"]), name="offline_ticket_state_known"
            ),
        ]


class CommissionRule(TenantModel):
    """What a merchant's clerk or referrer earns of the money paid, in basis points, from a moment on. Never changed."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    merchant_id = models.BigIntegerField()
    part = models.CharField(max_length=8, choices=[(part.value, part.value) for part in Part])
    rate_bp = models.PositiveIntegerField()
    starts_at = models.DateTimeField()

    class Meta:
        db_table = "pos_commission_rule"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant_id", "part", "starts_at"], name="commission_rule_once"),
            models.CheckConstraint(condition=Q(rate_bp__lte=10_000), name="commission_rule_within"),
        ]


class StaffCommission(TenantModel):
    """A line of what a person earned on a bill, or gives back with a return; signed fen."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    merchant_id = models.BigIntegerField()
    store_id = models.BigIntegerField()
    bill_id = models.BigIntegerField()
    refund_id = models.BigIntegerField(null=True)
    staff_id = models.BigIntegerField()
    part = models.CharField(max_length=8, choices=[(part.value, part.value) for part in Part])
    rate_bp = models.PositiveIntegerField()
    amount_fen = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "pos_staff_commission"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["bill_id", "part"], condition=Q(refund_id__isnull=True), name="commission_sale_once"
            ),
            models.UniqueConstraint(
                fields=["refund_id", "part"], condition=Q(refund_id__isnull=False), name="commission_return_once"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["staff_id", "at"], name="commission_of_staff")]


class AdSlot(TenantModel):
    """The advertising picture at the foot of a merchant's receipts: black on white, in dots of the printer."""

    id = models.BigAutoField(primary_key=True)
    merchant_id = models.BigIntegerField()
    title = models.CharField(max_length=60)
    picture = models.BinaryField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "pos_ad_slot"
        indexes: ClassVar = [models.Index(fields=["merchant_id", "starts_at"], name="ad_slot_of_merchant")]
