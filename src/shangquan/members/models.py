from typing import ClassVar

from django.db import models
from django.db.models import Q

from shangquan.kernel.tenant import TenantModel


class Person(models.Model):
    """Somebody, once on the platform. Nothing but the keys says who; a district sees a person through its member only."""

    id = models.BigAutoField(primary_key=True)
    known_since = models.DateTimeField()

    class Meta:
        db_table = "members_person"


class PersonKey(models.Model):
    """What a person can be known by: found by keyed hash, shown from a cipher (see `kernel.personal`)."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="keys")
    kind = models.CharField(max_length=8)
    fingerprint = models.CharField(max_length=64)
    sealed = models.BinaryField()
    masked = models.CharField(max_length=20, default="", blank=True)
    added_at = models.DateTimeField()

    class Meta:
        db_table = "members_person_key"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "fingerprint"], name="person_key_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["openid", "unionid", "phone", "plate", "device", "face"]),
                name="person_key_kind_known",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["person", "kind"], name="person_key_by_person")]


class Member(TenantModel):
    """A person's membership in one district: the card."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        FROZEN = "frozen"

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    card_no = models.CharField(max_length=16)
    name = models.CharField(max_length=40, default="", blank=True)
    tier = models.CharField(max_length=20, default="basic")
    tier_since = models.DateTimeField()
    channel = models.CharField(max_length=30)
    source_code_id = models.BigIntegerField(null=True)
    birthday_month = models.PositiveSmallIntegerField(null=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ACTIVE)
    joined_at = models.DateTimeField()

    class Meta:
        db_table = "members_member"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "person"], name="member_once"),
            models.UniqueConstraint(fields=["district_id", "card_no"], name="member_card_no_once"),
            models.CheckConstraint(
                condition=Q(birthday_month__isnull=True) | Q(birthday_month__range=(1, 12)), name="member_month"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["district_id", "-id"], name="member_newest"),
            models.Index(fields=["district_id", "joined_at", "channel"], name="member_by_channel"),
        ]


class MemberKey(TenantModel):
    """The keys that a person gave to this district; another district cannot find its member by them."""

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="keys")
    key = models.ForeignKey(PersonKey, on_delete=models.CASCADE, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        db_table = "members_member_key"
        constraints: ClassVar = [models.UniqueConstraint(fields=["district_id", "key"], name="member_key_once")]
        indexes: ClassVar = [models.Index(fields=["member"], name="member_key_by_member")]


class Fan(TenantModel):
    """A follower of the district's official account, known by openid, member or not."""

    id = models.BigAutoField(primary_key=True)
    appid = models.CharField(max_length=32)
    fingerprint = models.CharField(max_length=64)
    sealed = models.BinaryField()
    following = models.BooleanField()
    first_source = models.CharField(max_length=60)
    latest_source = models.CharField(max_length=60)
    first_followed_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "members_fan"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "appid", "fingerprint"], name="fan_once")
        ]
        indexes: ClassVar = [models.Index(fields=["district_id", "fingerprint"], name="fan_by_openid")]


class FollowEvent(TenantModel):
    """A fan followed or unfollowed; never changed."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    fan = models.ForeignKey(Fan, on_delete=models.PROTECT, related_name="+")
    followed = models.BooleanField()
    source = models.CharField(max_length=60, default="", blank=True)
    source_code_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "members_follow_event"
        indexes: ClassVar = [models.Index(fields=["fan", "id"], name="follow_event_by_fan")]


class Consent(TenantModel):
    """A member's yes to one purpose, under the wording shown; withdrawn by a date, never by deletion."""

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=20)
    wording = models.CharField(max_length=40)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "members_consent"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["member", "purpose"], condition=Q(withdrawn_at__isnull=True), name="consent_standing_once"
            )
        ]


class Dealing(TenantModel):
    """A member had to do with a merchant: that is what lets the merchant see the member."""

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="dealings")
    merchant_id = models.BigIntegerField()
    bought = models.PositiveIntegerField(default=0)
    claimed = models.PositiveIntegerField(default=0)
    subscribed = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        db_table = "members_dealing"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "merchant_id", "member"], name="dealing_once")
        ]
        indexes: ClassVar = [models.Index(fields=["member"], name="dealing_by_member")]
