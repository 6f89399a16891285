from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from shangquan.kernel.tenant import TenantModel


class OfficialAccount(TenantModel):
    """An account on the platform. The main one carries notices and the menu."""

    id = models.BigAutoField(primary_key=True)
    appid = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    verified = models.BooleanField()
    is_main = models.BooleanField(default=False)
    switched_off = ArrayField(models.CharField(max_length=20), default=list)
    bound_at = models.DateTimeField()

    class Meta:
        db_table = "messaging_account"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["appid"], name="account_once"),
            models.UniqueConstraint(fields=["district_id"], condition=Q(is_main=True), name="account_one_main"),
        ]


class InMessage(TenantModel):
    """What a fan did or wrote, kept once however often it is delivered, with the reply it got."""

    id = models.BigAutoField(primary_key=True)
    appid = models.CharField(max_length=40)
    outside_id = models.CharField(max_length=120)
    fan_print = models.CharField(max_length=64)
    sealed_openid = models.BinaryField()
    fan_id = models.BigIntegerField(null=True)
    member_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=20)
    event = models.CharField(max_length=40, default="", blank=True)
    text = models.TextField(default="", blank=True)
    scene = models.CharField(max_length=64, default="", blank=True)
    at = models.DateTimeField()
    reply = models.JSONField(null=True)
    waits_for_person = models.BooleanField(default=False)
    answered_by = models.CharField(max_length=80, default="", blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "messaging_in"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "appid", "outside_id"], name="in_message_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["district_id", "-id"], condition=Q(waits_for_person=True), name="in_waits"),
            models.Index(fields=["fan_print", "-id"], name="in_of_fan"),
        ]


class OutMessage(TenantModel):
    """What is to be written to somebody, once for its key; a job sends it and records the answer."""

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=120)
    kind = models.CharField(max_length=30)
    member_id = models.BigIntegerField(null=True)
    sealed_openid = models.BinaryField(null=True)
    fan_print = models.CharField(max_length=64, default="", blank=True)
    data = models.JSONField()
    url = models.CharField(max_length=500, default="", blank=True)
    is_marketing = models.BooleanField(default=False)
    push_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, default="waiting")
    via = models.CharField(max_length=10, default="", blank=True)
    code = models.CharField(max_length=40, default="", blank=True)
    message = models.CharField(max_length=200, default="", blank=True)
    outside_id = models.CharField(max_length=40, default="", blank=True)
    tries = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "messaging_out"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "key"], name="out_message_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "gathered", "sent", "arrived", "failed", "skipped"]),
                name="out_state_known",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["district_id", "member_id", "-id"], name="out_of_member"),
            models.Index(fields=["fan_print", "-sent_at"], name="out_of_fan"),
            models.Index(fields=["district_id", "outside_id"], condition=~Q(outside_id=""), name="out_by_outside"),
        ]


class ReplyRule(TenantModel):
    """What is answered to a keyword or to a menu key."""

    id = models.BigAutoField(primary_key=True)
    keyword = models.CharField(max_length=60)
    match = models.CharField(max_length=10, default="contains")
    reply = models.JSONField()
    priority = models.IntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "messaging_reply_rule"
        constraints: ClassVar = [models.UniqueConstraint(fields=["district_id", "keyword"], name="reply_rule_once")]


class Menu(TenantModel):
    """The account's menu; with a tag, the menu of the fans who carry it."""

    id = models.BigAutoField(primary_key=True)
    appid = models.CharField(max_length=40)
    tag = models.CharField(max_length=30, default="", blank=True)
    body = models.JSONField()
    menu_id = models.CharField(max_length=40, default="", blank=True)
    edited_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["district_id", "appid", "tag"], name="menu_once")]


class Template(TenantModel):
    """Which of the account's templates carries a kind of notice."""

    id = models.BigAutoField(primary_key=True)
    appid = models.CharField(max_length=40)
    kind = models.CharField(max_length=30)
    template_id = models.CharField(max_length=80)
    fields = models.JSONField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["district_id", "appid", "kind"], name="template_once")]


class Push(TenantModel):
    """Content for members, sent by the owner alone; a merchant's request waits for the owner."""

    id = models.BigAutoField(primary_key=True)
    article = models.JSONField()
    campaign_ref = models.CharField(max_length=60, default="", blank=True)
    priority = models.IntegerField(default=0)
    merchant_id = models.BigIntegerField(null=True)
    member_ids = ArrayField(models.BigIntegerField(), default=list)
    state = models.CharField(max_length=10)
    wanted = models.PositiveIntegerField(default=0)
    asked_by = models.CharField(max_length=80, default="", blank=True)
    decided_by = models.CharField(max_length=80, default="", blank=True)
    note = models.CharField(max_length=200, default="", blank=True)
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=["requested", "refused", "sending"]), name="push_state_known")
        ]


class MarketingDay(TenantModel):
    """The one place that a member has for marketing on a day of the district's calendar (U12)."""

    id = models.BigAutoField(primary_key=True)
    member_id = models.BigIntegerField()
    day = models.DateField()
    push = models.ForeignKey(Push, on_delete=models.PROTECT, related_name="+")
    priority = models.IntegerField()
    state = models.CharField(max_length=10, default="waiting")

    class Meta:
        db_table = "messaging_marketing_day"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "member_id", "day"], name="one_push_a_day")
        ]
        indexes: ClassVar = [models.Index(fields=["push", "state"], name="marketing_of_push")]
