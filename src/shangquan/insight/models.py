from typing import ClassVar

from django.db import models

from shangquan.kernel.tenant import TenantModel


class HourFigure(TenantModel):
    """Sums of one store in one local hour."""

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    hour = models.SmallIntegerField()
    merchant_id = models.BigIntegerField()
    store_id = models.BigIntegerField()
    bills = models.IntegerField(default=0)
    member_bills = models.IntegerField(default=0)
    list_fen = models.BigIntegerField(default=0)
    paid_fen = models.BigIntegerField(default=0)
    saved_fen = models.BigIntegerField(default=0)
    refunds = models.IntegerField(default=0)
    refunded_fen = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "day", "hour", "store_id"], name="hour_figure_once"),
        ]


class Visit(TenantModel):
    """A member was at a store on a day, and how we know: a shop code scanned, recognised at the till, a bill paid."""

    id = models.BigAutoField(primary_key=True)
    member_id = models.BigIntegerField()
    store_id = models.BigIntegerField()
    merchant_id = models.BigIntegerField()
    day = models.DateField()
    first_at = models.DateTimeField()
    known_by = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "member_id", "store_id", "day"], name="visit_once_a_day"),
        ]
        indexes: ClassVar = [models.Index(fields=["district_id", "day", "store_id"], name="visit_by_day")]


class CampaignSale(TenantModel):
    """A bill on which a piece of a campaign was used: what the discount cost, what the bill brought."""

    id = models.BigAutoField(primary_key=True)
    campaign_id = models.BigIntegerField()
    bill_id = models.BigIntegerField()
    piece_id = models.BigIntegerField()
    member_id = models.BigIntegerField()
    merchant_id = models.BigIntegerField()
    store_id = models.BigIntegerField()
    cost_fen = models.BigIntegerField()
    sales_fen = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "bill_id", "piece_id"], name="campaign_sale_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["district_id", "campaign_id", "at"], name="campaign_sale_by_time")]


class NewMemberFigure(TenantModel):
    """Cards opened on a local day through one channel."""

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    channel = models.CharField(max_length=30)
    count = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "day", "channel"], name="new_member_figure_once"),
        ]


class MerchantFlow(TenantModel):
    """Pieces issued after a payment at one merchant and used at another, by local day of use."""

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    from_merchant_id = models.BigIntegerField()
    to_merchant_id = models.BigIntegerField()
    pieces = models.IntegerField(default=0)
    sales_fen = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["district_id", "day", "from_merchant_id", "to_merchant_id"], name="merchant_flow_once"
            ),
        ]
