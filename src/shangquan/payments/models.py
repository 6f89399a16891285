from typing import ClassVar

from django.db import models
from django.db.models import Q

from shangquan.kernel import personal
from shangquan.kernel.tenant import TenantModel
from shangquan.payments.contracts import Channel, DifferenceKind, RefundState, Settlement, State

_LIVE = [State.CREATED, State.SENT, State.WAITING, State.UNKNOWN]


class Intent(TenantModel):
    """One try to be paid. It changes state under its row lock only; each change is told in IntentEvent."""

    id = models.BigAutoField(primary_key=True)
    number = models.CharField(max_length=32, unique=True)
    source = models.CharField(max_length=40)
    source_id = models.CharField(max_length=60)
    amount_fen = models.BigIntegerField()
    channel = models.CharField(max_length=20, choices=[(c.value, c.value) for c in Channel])
    description = models.CharField(max_length=120)
    state = models.CharField(max_length=10, default=State.CREATED)
    settlement = models.CharField(max_length=10, default=Settlement.NONE, blank=True)
    sealed_payer = models.BinaryField(null=True)
    transaction_id = models.CharField(max_length=64, default="", blank=True)
    order_data = models.JSONField(default=dict)
    code = models.CharField(max_length=64, default="", blank=True)
    message = models.CharField(max_length=256, default="", blank=True)
    looks = models.PositiveIntegerField(default=0)
    next_look_at = models.DateTimeField(null=True)
    cancel_wanted = models.BooleanField(default=False)
    needs_person = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    final_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="intent_amount_positive"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in State]), name="intent_state_known"),
            models.CheckConstraint(
                condition=Q(state="paid", paid_at__isnull=False, settlement__in=["taken", "returned"])
                | (~Q(state="paid") & Q(settlement="")),
                name="intent_paid_is_settled_or_returned",
            ),
            models.UniqueConstraint(
                fields=["district_id", "source", "source_id"],
                condition=Q(state__in=_LIVE) | Q(settlement="taken"),
                name="intent_one_at_a_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["district_id", "next_look_at"], condition=Q(state__in=_LIVE), name="intent_to_look_at"
            ),
            models.Index(fields=["district_id", "-id"], name="intent_newest"),
            models.Index(fields=["district_id", "paid_at"], name="intent_paid_day"),
            models.Index(fields=["district_id", "source", "source_id"], name="intent_by_source"),
        ]

    @property
    def payer_openid(self) -> str:
        """Kept sealed: nobody is looked up by it here."""
        return "" if self.sealed_payer is None else personal.unseal("openid", self.sealed_payer)

    @payer_openid.setter
    def payer_openid(self, openid: str) -> None:
        self.sealed_payer = personal.seal("openid", openid) if openid else None


class IntentEvent(TenantModel):
    """What happened to an intent or one of its refunds, in order; only ever added to."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    intent = models.ForeignKey(Intent, on_delete=models.PROTECT, related_name="+")
    refund_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    what = models.CharField(max_length=30)
    from_state = models.CharField(max_length=10, default="", blank=True)
    to_state = models.CharField(max_length=10, default="", blank=True)
    code = models.CharField(max_length=64, default="", blank=True)
    message = models.CharField(max_length=256, default="", blank=True)
    raw = models.JSONField(default=dict)

    class Meta:
        db_table = "payments_intent_event"
        indexes: ClassVar = [models.Index(fields=["intent", "id"], name="intent_event_order")]


class Refund(TenantModel):
    """Money going back to a payer, wholly or in part. (source, source_id) names it once unless it failed."""

    id = models.BigAutoField(primary_key=True)
    number = models.CharField(max_length=32, unique=True)
    intent = models.ForeignKey(Intent, on_delete=models.PROTECT, related_name="refunds")
    source = models.CharField(max_length=40)
    source_id = models.CharField(max_length=60)
    amount_fen = models.BigIntegerField()
    reason = models.CharField(max_length=80)
    state = models.CharField(max_length=10, default=RefundState.CREATED)
    channel_refund_id = models.CharField(max_length=64, default="", blank=True)
    code = models.CharField(max_length=64, default="", blank=True)
    message = models.CharField(max_length=256, default="", blank=True)
    looks = models.PositiveIntegerField(default=0)
    next_look_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="refund_amount_positive"),
            models.UniqueConstraint(
                fields=["district_id", "source", "source_id"], condition=~Q(state="failed"), name="refund_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["district_id", "next_look_at"],
                condition=Q(state__in=["created", "sent", "waiting"]),
                name="refund_to_look_at",
            ),
            models.Index(fields=["district_id", "sent_at"], name="refund_sent_day"),
        ]


class BillImport(TenantModel):
    """A day's bill of a provider, as it was compared last."""

    id = models.BigAutoField(primary_key=True)
    provider = models.CharField(max_length=20)
    day = models.DateField()
    rows_count = models.PositiveIntegerField()
    matched = models.PositiveIntegerField(default=0)
    bill_fen = models.BigIntegerField()
    own_fen = models.BigIntegerField(default=0)
    imported_at = models.DateTimeField()

    class Meta:
        db_table = "payments_bill_import"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "provider", "day"], name="bill_once_a_day")
        ]


class BillLine(TenantModel):
    """A row of an imported bill; an empty refund number is a payment."""

    id = models.BigAutoField(primary_key=True)
    bill = models.ForeignKey(BillImport, on_delete=models.CASCADE, related_name="+")
    number = models.CharField(max_length=64)
    refund_number = models.CharField(max_length=64, default="", blank=True)
    amount_fen = models.BigIntegerField()
    transaction_id = models.CharField(max_length=64, default="", blank=True)
    happened_at = models.DateTimeField()

    class Meta:
        db_table = "payments_bill_line"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bill", "number", "refund_number"], name="bill_line_once")
        ]


class Difference(TenantModel):
    """Something that a bill and our own payments do not agree on; a person resolves it with a note."""

    id = models.BigAutoField(primary_key=True)
    provider = models.CharField(max_length=20)
    day = models.DateField()
    kind = models.CharField(max_length=8, choices=[(k.value, k.value) for k in DifferenceKind])
    number = models.CharField(max_length=64)
    refund_number = models.CharField(max_length=64, default="", blank=True)
    own_fen = models.BigIntegerField(null=True)
    bill_fen = models.BigIntegerField(null=True)
    intent_id = models.BigIntegerField(null=True)
    found_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=80, default="", blank=True)
    note = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["district_id", "provider", "day", "kind", "number", "refund_number"], name="difference_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["district_id", "-day"], condition=Q(resolved_at__isnull=True), name="difference_open")
        ]
