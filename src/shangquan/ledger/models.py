from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from shangquan.kernel.tenant import TenantModel


class LedgerAccount(TenantModel):
    """Sums of its transfers, kept beside them so that the overdraft can be refused by a constraint."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=40)
    owner = models.CharField(max_length=60, default="")
    unit = models.CharField(max_length=8)
    may_overdraw = models.BooleanField()
    debits_posted = models.BigIntegerField(default=0)
    credits_posted = models.BigIntegerField(default=0)
    debits_pending = models.BigIntegerField(default=0)
    credits_pending = models.BigIntegerField(default=0)

    class Meta:
        db_table = "ledger_account"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "kind", "owner", "unit"], name="ledger_account_once"),
            models.CheckConstraint(
                condition=Q(may_overdraw=True) | Q(credits_posted__gte=F("debits_posted") + F("debits_pending")),
                name="ledger_no_overdraft",
            ),
            models.CheckConstraint(
                condition=Q(debits_posted__gte=0, credits_posted__gte=0, debits_pending__gte=0, credits_pending__gte=0),
                name="ledger_sums_not_negative",
            ),
        ]


class Transfer(TenantModel):
    """One movement between two accounts; never changed. A pending one is resolved by a later `post` or `void`."""

    append_only = True

    class Kind(models.TextChoices):
        POSTED = "posted"
        PENDING = "pending"
        POST = "post"
        VOID = "void"

    id = models.BigAutoField(primary_key=True)
    debit = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="+")
    credit = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    resolves = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=40)
    source_id = models.CharField(max_length=60)
    step = models.CharField(max_length=60)
    memo = models.CharField(max_length=120, default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "ledger_transfer"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "source", "source_id", "step"], name="ledger_transfer_once"),
            models.CheckConstraint(condition=Q(amount__gt=0) | Q(kind="post", amount=0), name="ledger_amount_positive"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="ledger_two_accounts"),
            models.CheckConstraint(
                condition=Q(kind__in=["posted", "pending"], resolves__isnull=True)
                | Q(kind__in=["post", "void"], resolves__isnull=False),
                name="ledger_resolution_names_its_hold",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["debit", "-id"], name="ledger_by_debit"),
            models.Index(fields=["credit", "-id"], name="ledger_by_credit"),
        ]
