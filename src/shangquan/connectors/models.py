from typing import ClassVar

from django.db import models
from django.db.models import Q

from shangquan.kernel.tenant import TenantModel


class ConnectedAccount(TenantModel):
    """Which district a merchant number or an Official Account belongs to; its secrets stay in the key file.

    Callbacks find their district here, so a platform scope sees it too. One outside account serves one district;
    a district has one merchant number and any number of Official Accounts.
    """

    platform_table = True

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=10)
    outside_id = models.CharField(max_length=40)
    bound_at = models.DateTimeField()
    unbound_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "connectors_account"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "outside_id"], condition=Q(unbound_at__isnull=True), name="outside_account_once"
            ),
            models.UniqueConstraint(
                fields=["district_id"],
                condition=Q(unbound_at__isnull=True, kind="pay"),
                name="district_has_one_merchant",
            ),
        ]


class PlatformToken(TenantModel):
    """An access token or ticket of WeChat, shared by all processes; short-lived, so it may be kept."""

    id = models.BigAutoField(primary_key=True)
    appid = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    value = models.CharField(max_length=600, default="", blank=True)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "connectors_token"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "appid", "kind"], name="platform_token_once")
        ]
