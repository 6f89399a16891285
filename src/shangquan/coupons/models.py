from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from shangquan.coupons.contracts import CampaignState, CouponKind, CouponState, Source
from shangquan.kernel.tenant import TenantModel


def _choices(words: type[CampaignState] | type[CouponKind] | type[CouponState] | type[Source]) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]


class Campaign(TenantModel):
    """One coupon with its stock. `terms`, `validity` and `audience` hold the JSON of their contracts.

    `claimed` is the number of claimed pieces, kept beside them so that `coupons_not_oversold` can refuse one too many.
    `merchants_in` and `last_use_at` repeat what terms and validity say, to be asked for. Terms never change after publishing: pieces point here for them.
    """

    id = models.BigAutoField(primary_key=True)
    number = models.CharField(max_length=32, unique=True)
    issuer_merchant_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=12, choices=_choices(CouponKind))
    title = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=_choices(CampaignState), default=CampaignState.DRAFT)
    terms = models.JSONField()
    merchants_in = ArrayField(models.BigIntegerField(), default=list)
    validity = models.JSONField()
    last_use_at = models.DateTimeField(null=True)
    total = models.IntegerField(null=True)
    per_day = models.IntegerField(null=True)
    per_member = models.IntegerField(null=True)
    claimed = models.IntegerField(default=0)
    claim_from = models.DateTimeField(null=True)
    claim_to = models.DateTimeField(null=True)
    audience = models.JSONField()
    sources = ArrayField(models.CharField(max_length=12), default=list)
    is_giftable = models.BooleanField(default=True)
    block_redeem_when_paused = models.BooleanField(default=False)
    budget_fen = models.BigIntegerField(null=True)
    about_zh = models.TextField(default="", blank=True)
    about_en = models.TextField(default="", blank=True)
    note = models.CharField(max_length=200, default="", blank=True)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "coupons_campaign"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(claimed__gte=0) & (Q(total__isnull=True) | Q(claimed__lte=F("total"))),
                name="coupons_not_oversold",
            ),
            models.CheckConstraint(
                condition=Q(claim_from__isnull=True) | Q(claim_to__isnull=True) | Q(claim_from__lt=F("claim_to")),
                name="coupons_claim_window",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["district_id", "issuer_merchant_id", "-id"], name="coupons_by_issuer"),
            models.Index(fields=["district_id", "state", "-id"], name="coupons_by_state"),
        ]


class DayCounter(TenantModel):
    """Pieces of a campaign claimed on one local day. `cap` is copied from the campaign so that a constraint can see it."""

    id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    claimed = models.IntegerField()
    cap = models.IntegerField(null=True)

    class Meta:
        db_table = "coupons_day_counter"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "day"], name="coupons_day_once"),
            models.CheckConstraint(
                condition=Q(cap__isnull=True) | Q(claimed__lte=F("cap")), name="coupons_day_not_over"
            ),
        ]


class MemberCounter(TenantModel):
    """Pieces of a campaign claimed by one member."""

    id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")
    member_id = models.BigIntegerField()
    claimed = models.IntegerField()
    cap = models.IntegerField(null=True)

    class Meta:
        db_table = "coupons_member_counter"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "member_id"], name="coupons_member_once"),
            models.CheckConstraint(
                condition=Q(cap__isnull=True) | Q(claimed__lte=F("cap")), name="coupons_member_not_over"
            ),
        ]


class Piece(TenantModel):
    """One coupon in one member's hands.

    `source` is how this member came to it, `first_source` how it was first claimed: they differ for a gift, whose
    `origin` is the giver's old piece. Claimed pieces carry the `claim_key` of their request.
    """

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=16, unique=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="pieces")
    member_id = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=_choices(CouponState), default=CouponState.UNUSED)
    source = models.CharField(max_length=12, choices=_choices(Source))
    first_source = models.CharField(max_length=12, choices=_choices(Source))
    source_code_id = models.BigIntegerField(null=True)
    issued_merchant_id = models.BigIntegerField(null=True)
    issued_bill_id = models.BigIntegerField(null=True)
    origin = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="+")
    claim_key = models.CharField(max_length=80, null=True)
    claimed_at = models.DateTimeField()
    shown_at = models.DateTimeField(null=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    rest_fen = models.BigIntegerField(default=0)
    items_left = models.JSONField(default=list)
    held_bill_id = models.BigIntegerField(null=True)
    held_at = models.DateTimeField(null=True)
    used_bill_id = models.BigIntegerField(null=True)
    used_at = models.DateTimeField(null=True)
    used_merchant_id = models.BigIntegerField(null=True)
    used_store_id = models.BigIntegerField(null=True)
    used_by = models.CharField(max_length=80, default="", blank=True)
    used_amount_fen = models.BigIntegerField(default=0)
    void_reason = models.CharField(max_length=120, default="", blank=True)

    class Meta:
        db_table = "coupons_piece"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "member_id", "claim_key"], name="coupons_claim_once"),
            models.CheckConstraint(condition=Q(valid_from__lt=F("valid_to")), name="coupons_piece_window"),
            models.CheckConstraint(condition=Q(rest_fen__gte=0, used_amount_fen__gte=0), name="coupons_piece_amounts"),
            models.CheckConstraint(
                condition=Q(state="held", held_bill_id__isnull=False)
                | (~Q(state="held") & Q(held_bill_id__isnull=True)),
                name="coupons_held_for_a_bill",
            ),
            models.CheckConstraint(
                condition=~Q(state="used") | Q(used_at__isnull=False), name="coupons_used_says_when"
            ),
            models.CheckConstraint(
                condition=Q(claim_key__isnull=False) | Q(origin__isnull=False), name="coupons_piece_has_an_origin"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["member_id", "state", "valid_to"], name="coupons_piece_by_member"),
            models.Index(fields=["campaign", "state"], name="coupons_piece_by_campaign"),
            models.Index(fields=["held_bill_id"], condition=Q(held_bill_id__isnull=False), name="coupons_piece_held"),
        ]


class PieceUse(TenantModel):
    """What a bill, or a clerk without one, took from a piece; a give-back stands beside it with `is_back`.

    `key` is `bill:<id>`, `check:<request key>` or `refund:<id>`.
    """

    append_only = True

    id = models.BigAutoField(primary_key=True)
    piece = models.ForeignKey(Piece, on_delete=models.PROTECT, related_name="uses")
    key = models.CharField(max_length=100)
    is_back = models.BooleanField(default=False)
    bill_id = models.BigIntegerField(null=True)
    refund_id = models.BigIntegerField(null=True)
    merchant_id = models.BigIntegerField()
    store_id = models.BigIntegerField()
    amount_fen = models.BigIntegerField()
    basket_fen = models.BigIntegerField(default=0)
    items = models.JSONField(default=list)
    by = models.CharField(max_length=80, default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "coupons_piece_use"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["piece", "key"], name="coupons_use_once"),
            models.CheckConstraint(condition=Q(amount_fen__gte=0), name="coupons_use_amount"),
        ]
        indexes: ClassVar = [models.Index(fields=["bill_id"], name="coupons_use_by_bill")]


class Shelf(TenantModel):
    """One page that collects the coupons of many merchants. Enrolment is possible while open and before `deadline`."""

    class State(models.TextChoices):
        DRAFT = "draft"
        OPEN = "open"
        CLOSED = "closed"

    id = models.BigAutoField(primary_key=True)
    title = models.CharField(max_length=40)
    title_en = models.CharField(max_length=60, default="", blank=True)
    about = models.CharField(max_length=200, default="", blank=True)
    deadline = models.DateTimeField()
    shown_from = models.DateTimeField(null=True)
    shown_to = models.DateTimeField(null=True)
    state = models.CharField(max_length=6, choices=State.choices, default=State.DRAFT)
    created_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "coupons_shelf"
        indexes: ClassVar = [models.Index(fields=["district_id", "state", "-id"], name="coupons_shelf_by_state")]


class ShelfEntry(TenantModel):
    """A campaign enrolled on a shelf, and what the owner decided."""

    class State(models.TextChoices):
        PENDING = "pending"
        ACCEPTED = "accepted"
        REFUSED = "refused"

    id = models.BigAutoField(primary_key=True)
    shelf = models.ForeignKey(Shelf, on_delete=models.PROTECT, related_name="entries")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")
    merchant_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    position = models.IntegerField(default=0)
    note = models.CharField(max_length=200, default="", blank=True)
    enrolled_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "coupons_shelf_entry"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shelf", "campaign"], name="coupons_enrolled_once"),
        ]


class Gift(TenantModel):
    """An offer of one piece to whoever opens the link first. Only the hash of the link's token is kept."""

    class State(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        RECALLED = "recalled"
        EXPIRED = "expired"

    id = models.BigAutoField(primary_key=True)
    token_hash = models.CharField(max_length=64, unique=True)
    piece = models.ForeignKey(Piece, on_delete=models.PROTECT, related_name="+")
    giver_id = models.BigIntegerField()
    receiver_id = models.BigIntegerField(null=True)
    new_piece = models.ForeignKey(Piece, null=True, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=60, default="", blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "coupons_gift"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["piece"], condition=Q(state="open"), name="coupons_one_open_gift"),
            models.CheckConstraint(
                condition=Q(state="accepted", receiver_id__isnull=False, new_piece__isnull=False)
                | (~Q(state="accepted") & Q(receiver_id__isnull=True)),
                name="coupons_gift_has_receiver",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["giver_id", "-id"], name="coupons_gift_by_giver"),
            models.Index(fields=["expires_at"], condition=Q(state="open"), name="coupons_gift_to_expire"),
        ]


class IssueRule(TenantModel):
    """After a payment of at least `minimum_fen` at one of `merchants` (none named: anywhere) issue `campaign`."""

    id = models.BigAutoField(primary_key=True)
    title = models.CharField(max_length=40)
    merchants = ArrayField(models.BigIntegerField(), default=list)
    minimum_fen = models.BigIntegerField(default=0)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")
    priority = models.IntegerField(default=0)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "coupons_issue_rule"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(minimum_fen__gte=0), name="coupons_rule_minimum"),
        ]


class BillIssue(TenantModel):
    """The one coupon that a paid bill brought: the constraint is why a repeated notice brings no second."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    bill_id = models.BigIntegerField()
    rule = models.ForeignKey(IssueRule, on_delete=models.PROTECT, related_name="+")
    piece = models.ForeignKey(Piece, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "coupons_bill_issue"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district_id", "bill_id"], name="coupons_one_issue_a_bill"),
        ]
