from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from shangquan.kernel.tenant import TenantModel


class Period(TenantModel):
    """A closed stretch of local days. Its lines and statements never change."""

    id = models.BigAutoField(primary_key=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    closed_at = models.DateTimeField()
    closed_by = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "ends_on"], name="period_once"),
            models.CheckConstraint(condition=Q(starts_on__lte=F("ends_on")), name="period_runs_forward"),
        ]


class Statement(TenantModel):
    """What one merchant is owed for one period."""

    class State(models.TextChoices):
        ISSUED = "issued"
        CONFIRMED = "confirmed"
        CARRIED = "carried"

    id = models.BigAutoField(primary_key=True)
    number = models.CharField(max_length=32, unique=True)
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+")
    merchant_id = models.BigIntegerField()
    total_fen = models.BigIntegerField()
    line_count = models.IntegerField()
    state = models.CharField(max_length=10, choices=State.choices)
    confirmed_by_id = models.BigIntegerField(null=True)
    confirmed_by = models.CharField(max_length=80, default="", blank=True)
    confirmed_at = models.DateTimeField(null=True)
    payable_fen = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "period", "merchant_id"], name="statement_once"),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | Q(confirmed_at__isnull=False, payable_fen__isnull=False),
                name="confirmation_is_signed",
            ),
        ]


class SettlementLine(TenantModel):
    """One amount for one merchant, written at the moment of payment. Only its period is filled in later, once."""

    id = models.BigAutoField(primary_key=True)
    merchant_id = models.BigIntegerField()
    store_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=20)
    amount_fen = models.BigIntegerField()
    source = models.CharField(max_length=20)
    source_id = models.BigIntegerField()
    step = models.CharField(max_length=60)
    bill_id = models.BigIntegerField(null=True)
    bill_number = models.CharField(max_length=32, default="", blank=True)
    memo = models.CharField(max_length=120, default="", blank=True)
    happened_at = models.DateTimeField()
    period = models.ForeignKey(Period, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["district_id", "source", "source_id", "step", "merchant_id"], name="settlement_line_once"
            ),
            models.CheckConstraint(condition=~Q(amount_fen=0), name="settlement_line_moves_something"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["district_id", "merchant_id", "period", "-id"], name="settlement_by_merchant"),
            models.Index(
                fields=["district_id", "happened_at"], condition=Q(period__isnull=True), name="settlement_open"
            ),
            models.Index(fields=["district_id", "bill_id"], name="settlement_by_bill"),
        ]


class Dispute(TenantModel):
    """A merchant's "no" to one line: it freezes that line and nothing else."""

    class State(models.TextChoices):
        OPEN = "open"
        STANDS = "stands"
        CORRECTED = "corrected"

    id = models.BigAutoField(primary_key=True)
    line = models.OneToOneField(SettlementLine, on_delete=models.PROTECT, related_name="dispute")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="disputes")
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=State.choices)
    answer = models.CharField(max_length=300, default="", blank=True)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    answered_by = models.CharField(max_length=80, default="", blank=True)
    answered_at = models.DateTimeField(null=True)


class Payout(TenantModel):
    """The payment of one confirmed statement: prepared by one person, approved by another, paid once."""

    class State(models.TextChoices):
        PREPARED = "prepared"
        APPROVED = "approved"
        SENT = "sent"  # handed to the bank, answer not known
        PAID = "paid"
        FAILED = "failed"  # the bank said no: it may be sent again under the same number

    id = models.BigAutoField(primary_key=True)
    number = models.CharField(max_length=32, unique=True)
    statement = models.OneToOneField(Statement, on_delete=models.PROTECT, related_name="payout")
    merchant_id = models.BigIntegerField()
    amount_fen = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices)
    maker_id = models.BigIntegerField()
    maker = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    checker_id = models.BigIntegerField(null=True)
    checker = models.CharField(max_length=80, default="", blank=True)
    approved_at = models.DateTimeField(null=True)
    bank_reference = models.CharField(max_length=80, default="", blank=True)
    proof = models.CharField(max_length=200, default="", blank=True)
    paid_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="payout_positive"),
            models.CheckConstraint(
                condition=Q(checker_id__isnull=True) | ~Q(checker_id=F("maker_id")), name="payout_maker_is_not_checker"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["prepared"]) | Q(checker_id__isnull=False),
                name="payout_is_approved_before_it_moves",
            ),
        ]
