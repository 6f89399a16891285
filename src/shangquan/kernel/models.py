from typing import ClassVar

from django.db import models
from django.db.models import Q

from shangquan.kernel.tenant import TenantModel


class OutboxEvent(TenantModel):
    """A past fact, written with the change it tells of; the relay turns it into one job for each reaction."""

    platform_table = True

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=60)
    payload = models.JSONField()
    happened_at = models.DateTimeField()
    relayed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "kernel_outbox"
        indexes: ClassVar = [models.Index(fields=["id"], condition=Q(relayed_at__isnull=True), name="outbox_waiting")]


class ReactionDone(TenantModel):
    """Marks that a reaction to an event took effect; written in the transaction of that effect."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.BigIntegerField()
    reaction = models.CharField(max_length=80)
    done_at = models.DateTimeField()

    class Meta:
        db_table = "kernel_reaction_done"
        constraints: ClassVar = [models.UniqueConstraint(fields=["event_id", "reaction"], name="reaction_once")]


class InboxItem(TenantModel):
    """Outside news, stored raw before it is handled; unique by source and outside id, so repeats are known."""

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=40)
    outside_id = models.CharField(max_length=120)
    headers = models.JSONField(default=dict)
    body = models.TextField()
    received_at = models.DateTimeField()
    times_received = models.PositiveIntegerField(default=1)
    handled_at = models.DateTimeField(null=True)
    error = models.TextField(default="", blank=True)

    class Meta:
        db_table = "kernel_inbox"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "source", "outside_id"], name="inbox_once")
        ]
        indexes: ClassVar = [models.Index(fields=["id"], condition=Q(handled_at__isnull=True), name="inbox_waiting")]


class IdempotentAnswer(TenantModel):
    """The first answer to a keyed request, given again to its repeats."""

    id = models.BigAutoField(primary_key=True)
    who = models.CharField(max_length=60)
    key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "kernel_idempotent_answer"
        constraints: ClassVar = [models.UniqueConstraint(fields=["district_id", "who", "key"], name="idempotent_once")]


class AuditLine(TenantModel):
    """Who changed what, from what to what. Rows are only ever added."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=80)
    role = models.CharField(max_length=30, default="", blank=True)
    merchant_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=60)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    refused = models.CharField(max_length=12, default="", blank=True)
    request_id = models.CharField(max_length=40, default="", blank=True)
    ip = models.CharField(max_length=45, default="", blank=True)

    class Meta:
        db_table = "kernel_audit"
        indexes: ClassVar = [
            models.Index(fields=["district_id", "-id"], name="audit_newest"),
            models.Index(fields=["district_id", "subject", "subject_id"], name="audit_subject"),
        ]
