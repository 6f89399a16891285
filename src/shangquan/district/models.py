from datetime import time
from typing import ClassVar

from django.db import models
from django.db.models import Q

from shangquan.kernel.tenant import TenantModel


class Building(TenantModel):
    """A mall's building, or a stretch of street."""

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=12)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80, default="", blank=True)
    address = models.CharField(max_length=200, default="", blank=True)
    sort = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "district_building"
        constraints: ClassVar = [models.UniqueConstraint(fields=["district_id", "code"], name="building_once")]


class Floor(TenantModel):
    id = models.BigAutoField(primary_key=True)
    building = models.ForeignKey(Building, on_delete=models.PROTECT, related_name="floors")
    code = models.CharField(max_length=8)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80, default="", blank=True)
    sort = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "district_floor"
        constraints: ClassVar = [models.UniqueConstraint(fields=["district_id", "building", "code"], name="floor_once")]


class Category(TenantModel):
    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=30)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60, default="", blank=True)
    sort = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "district_category"
        constraints: ClassVar = [models.UniqueConstraint(fields=["district_id", "code"], name="category_once")]


class Merchant(TenantModel):
    """Who trades here. Never deleted: bills, coupons and statements point at it."""

    class Status(models.TextChoices):
        APPLIED = "applied"
        ACTIVE = "active"
        SUSPENDED = "suspended"
        REFUSED = "refused"

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80, default="", blank=True)
    category = models.ForeignKey(Category, null=True, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.APPLIED)
    status_reason = models.CharField(max_length=200, default="", blank=True)
    is_own = models.BooleanField(default=False)
    commission_bp = models.PositiveIntegerField(default=0)
    joins_tiers = models.BooleanField(default=False)
    joins_points = models.BooleanField(default=True)
    story = models.TextField(default="", blank=True)
    logo = models.CharField(max_length=120, default="", blank=True)
    contact_name = models.CharField(max_length=40, default="", blank=True)
    contact_phone_sealed = models.BinaryField(null=True)
    applied_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "district_merchant"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["district_id", "name"], condition=~Q(status="refused"), name="merchant_name_once"
            ),
            models.CheckConstraint(condition=Q(commission_bp__lte=10_000), name="merchant_commission_at_most_all"),
        ]
        indexes: ClassVar = [models.Index(fields=["district_id", "status", "name", "id"], name="merchant_by_status")]


class Store(TenantModel):
    """A shop of a merchant at one unit."""

    id = models.BigAutoField(primary_key=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="stores")
    floor = models.ForeignKey(Floor, null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80, default="", blank=True)
    unit = models.CharField(max_length=20)
    open_from = models.TimeField(default=time(10))
    open_to = models.TimeField(default=time(22))
    tables = models.PositiveSmallIntegerField(default=0)
    phone = models.CharField(max_length=30, default="", blank=True)
    closed_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField()

    class Meta:
        db_table = "district_store"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["district_id", "unit"], condition=Q(closed_at__isnull=True), name="store_unit_once"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["merchant", "id"], name="store_by_merchant")]


class Product(TenantModel):
    """What a merchant sells. The price is a list price; what a bill asks is decided by the checkout."""

    id = models.BigAutoField(primary_key=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="products")
    barcode = models.CharField(max_length=13, default="", blank=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=100, default="", blank=True)
    spec = models.CharField(max_length=60, default="", blank=True)
    price_fen = models.PositiveIntegerField()
    category = models.CharField(max_length=40, default="", blank=True)
    picture = models.CharField(max_length=120, default="", blank=True)
    points_multiplier_bp = models.PositiveIntegerField(default=10_000)
    is_active = models.BooleanField(default=True)
    added_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "district_product"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["district_id", "merchant", "barcode"], condition=~Q(barcode=""), name="product_barcode_once"
            ),
            models.CheckConstraint(
                condition=Q(points_multiplier_bp__lte=1_000_000), name="product_points_multiplier_sane"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["merchant", "id"], name="product_by_merchant"),
            models.Index(fields=["district_id", "barcode"], condition=~Q(barcode=""), name="product_by_barcode"),
        ]
