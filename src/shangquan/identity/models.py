from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from shangquan.kernel.tenant import TenantModel


class Account(AbstractBaseUser):
    """A person who works on the platform. One account may hold grants in several districts."""

    id = models.BigAutoField(primary_key=True)
    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    is_active = models.BooleanField(default=True)
    totp_secret = models.CharField(max_length=200, default="", blank=True)  # sealed
    totp_pending = models.CharField(max_length=200, default="", blank=True)  # sealed, until its first code confirms it
    totp_last_step = models.BigIntegerField(default=0)  # a code is good once
    created_at = models.DateTimeField()

    objects = BaseUserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]


class Grant(TenantModel):
    """A role in the open district; walled to a merchant, and there perhaps to a store, where those are named."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=30)
    merchant_id = models.BigIntegerField(null=True)
    store_id = models.BigIntegerField(null=True)
    granted_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["district_id", "account", "role", "merchant_id", "store_id"],
                condition=models.Q(revoked_at__isnull=True),
                nulls_distinct=False,
                name="grant_once",
            ),
            models.CheckConstraint(
                condition=models.Q(store_id__isnull=True) | models.Q(merchant_id__isnull=False),
                name="grant_store_has_merchant",
            ),
        ]


class DeviceToken(TenantModel):
    """A till, printer or integrator that signs in by a token. Only the token's hash is kept."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=60)
    token_hash = models.CharField(max_length=64, unique=True)
    rights = models.JSONField(default=list)
    merchant_id = models.BigIntegerField(null=True)
    store_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(store_id__isnull=True) | models.Q(merchant_id__isnull=False),
                name="device_store_has_merchant",
            )
        ]


class SuspendedMerchant(TenantModel):
    """While the row is there, no grant or token of that merchant is worth anything, whenever it was made."""

    id = models.BigAutoField(primary_key=True)
    merchant_id = models.BigIntegerField()
    since = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "merchant_id"], name="suspended_merchant_once")
        ]


class SignInAttempt(models.Model):
    """Each try to sign in, so that guessing can be slowed down by name and by address.

    The name is kept as a keyed hash: people type passwords into the wrong field.
    """

    id = models.BigAutoField(primary_key=True)
    name_hash = models.CharField(max_length=64)
    ip = models.CharField(max_length=45)
    at = models.DateTimeField()
    succeeded = models.BooleanField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["name_hash", "-at"], name="attempt_by_name"),
            models.Index(fields=["ip", "-at"], name="attempt_by_ip"),
        ]
