from typing import ClassVar

from django.db import models
from django.db.models import Q

from shangquan.kernel.tenant import TenantModel


class Credential(TenantModel):
    """A code that stands for a person, a product, a shop, an activity or a ticket, with a life (`rules.TRANSITIONS`)."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=10)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    holder_member_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, default="issued")
    payload = models.CharField(max_length=24, unique=True)
    valid_until = models.DateTimeField(null=True)
    issued_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "codes_credential"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=["person", "product", "shop", "activity", "ticket"]), name="credential_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["issued", "active", "used", "completed", "invalid", "cancelled", "expired"]),
                name="credential_state_known",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["district_id", "subject_kind", "subject_id"], name="credential_by_subject"),
            models.Index(fields=["holder_member_id", "-id"], name="credential_by_holder"),
            models.Index(fields=["valid_until"], condition=Q(state__in=["issued", "active"]), name="credential_ending"),
        ]


class CredentialLog(TenantModel):
    """Every try to change a credential, granted or refused; never changed."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    credential = models.ForeignKey(Credential, on_delete=models.PROTECT, related_name="+")
    before = models.CharField(max_length=10)
    wanted = models.CharField(max_length=10)
    refused = models.CharField(max_length=12, default="", blank=True)
    actor = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        db_table = "codes_credential_log"
        indexes: ClassVar = [models.Index(fields=["credential", "id"], name="credential_log_by_one")]


class SceneCode(TenantModel):
    """A code with parameters. The same subject put up twice, as another source or at another place, is another code."""

    id = models.BigAutoField(primary_key=True)
    scene = models.CharField(max_length=64, unique=True)
    source = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    place = models.CharField(max_length=60, default="", blank=True)
    title = models.CharField(max_length=60, default="", blank=True)
    merchant_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "codes_scene"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["district_id", "subject_kind", "subject_id", "source", "place"], name="scene_parameters_once"
            )
        ]


class ScanEvent(TenantModel):
    """One scan, follow, claim or redemption through a scene code; never changed, so a count can be proved."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    scene_id = models.BigIntegerField()
    what = models.CharField(max_length=20)
    visitor = models.CharField(max_length=64, default="", blank=True)
    key = models.CharField(max_length=80, null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "codes_scan_event"
        constraints: ClassVar = [models.UniqueConstraint(fields=["district_id", "key"], name="scan_event_once")]
        indexes: ClassVar = [models.Index(fields=["scene_id", "what", "at"], name="scan_event_by_scene")]


class MemberCodeUse(TenantModel):
    """A dynamic member code was accepted: the unique row is what makes it single-use."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    member_id = models.BigIntegerField()
    step = models.BigIntegerField()
    turn = models.SmallIntegerField()
    used_at = models.DateTimeField()
    used_by = models.CharField(max_length=60)

    class Meta:
        db_table = "codes_member_code_use"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "member_id", "step", "turn"], name="member_code_use_once")
        ]
