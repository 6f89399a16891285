from typing import ClassVar

from django.db import models
from django.db.models import Q

from shangquan.kernel.tenant import TenantModel


class EarnRule(TenantModel):
    """A version of what spending earns, from `starts_at` on, for one merchant or (null) for all others. Never edited."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    merchant_id = models.BigIntegerField(null=True)
    fen_per_point = models.IntegerField()
    starts_at = models.DateTimeField()
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(fen_per_point__gt=0), name="earn_rule_positive"),
        ]
        indexes: ClassVar = [models.Index(fields=["district_id", "merchant_id", "-starts_at"], name="earn_rule_newest")]


class SpendRule(TenantModel):
    """A version of what points pay, from `starts_at` on. Never edited."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    points_per_yuan = models.IntegerField()
    step = models.IntegerField()
    minimum = models.IntegerField()
    max_share_bp = models.IntegerField()
    owner_bp = models.IntegerField()
    starts_at = models.DateTimeField()
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(points_per_yuan__gt=0, step__gt=0, minimum__gte=0)
                & Q(max_share_bp__gte=0, max_share_bp__lte=10_000, owner_bp__gte=0, owner_bp__lte=10_000),
                name="spend_rule_sane",
            ),
        ]


class Earning(TenantModel):
    """What a bill earned, by line, and how much of it refunds took back."""

    id = models.BigAutoField(primary_key=True)
    bill_id = models.BigIntegerField()
    member_id = models.BigIntegerField()
    points = models.IntegerField()
    by_line = models.JSONField(default=dict)
    rule_ids = models.JSONField(default=list)
    taken_back = models.IntegerField(default=0)
    earned_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "bill_id"], name="earning_once_a_bill"),
            models.CheckConstraint(
                condition=Q(taken_back__gte=0) & Q(taken_back__lte=models.F("points")), name="earning_taken_back_within"
            ),
        ]


class Tier(TenantModel):
    """A level of membership. `payable_bp` 9500: at merchants that joined the scheme the member pays 95 %."""

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=20)
    name_en = models.CharField(max_length=40)
    rank = models.IntegerField()
    payable_bp = models.IntegerField(default=10_000)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "code"], name="tier_once"),
            models.CheckConstraint(condition=Q(payable_bp__gt=0, payable_bp__lte=10_000), name="tier_payable_sane"),
        ]
