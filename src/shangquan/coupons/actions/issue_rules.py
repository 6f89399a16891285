"""Which payment brings which coupon (F10), across merchants (F11)."""

from datetime import datetime

from django.db import connection

from shangquan.coupons import access
from shangquan.coupons.actions.claim import claim
from shangquan.coupons.contracts import BAD_TERMS, NO_CAMPAIGN, ClaimRequest, PieceCard, RuleCard, Source
from shangquan.coupons.models import BillIssue, Campaign, IssueRule
from shangquan.coupons.queries import pieces
from shangquan.coupons.queries.issue_rules import rule_card, rules_for
from shangquan.kernel import audit, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import required


@required
def save_rule(
    *,
    title: str,
    campaign_id: int,
    merchants: tuple[int, ...] = (),
    minimum_fen: int = 0,
    priority: int = 0,
    is_active: bool = True,
    now: datetime,
    rule_id: int | None = None,
) -> RuleCard:
    """Make or change a rule. Owner only: all sides gain by what the owner arranges. Refuses C-4001, C-4041, C-4046."""
    access.require_owner("coupons.publish")
    if minimum_fen < 0 or not 1 <= len(title) <= 40:
        raise Refused(
            BAD_TERMS,
            why="规则名要 1 到 40 个字，门槛不能是负数",
            why_en="a title of 1 to 40 characters, a minimum of 0 or more",
        )
    campaign = Campaign.rows().filter(id=campaign_id).first()
    if campaign is None:
        raise Refused(NO_CAMPAIGN)
    row = access.rule_to_edit(rule_id) if rule_id is not None else IssueRule(created_at=now)
    row.title, row.campaign, row.merchants = title, campaign, sorted(set(merchants))
    row.minimum_fen, row.priority, row.is_active = minimum_fen, priority, is_active
    row.save()
    audit.record(
        action="coupons.rule", subject="issue_rule", subject_id=row.id,
        after={"campaign": campaign_id, "merchants": row.merchants, "minimum_fen": minimum_fen, "active": is_active},
    )  # fmt: skip
    return rule_card(row)


@required
def issue_after_payment(
    *, bill_id: int, member_id: int, merchant_id: int, paid_fen: int, now: datetime
) -> PieceCard | None:
    """The one coupon that a paid bill brings, or None: of the first rule, by priority, whose coupon can be had.

    However often the payment is told of, one coupon: `coupons_one_issue_a_bill` is the truth, and a second teller waits
    for the first.
    """
    known = _known(bill_id)
    if known is not None:
        return pieces.by_id(known)
    for rule in rules_for(merchant_id, paid_fen):
        request = ClaimRequest(
            campaign_id=rule.campaign_id,
            member_id=member_id,
            source=Source.PAY_PAGE,
            key=f"bill:{bill_id}",
            issued_merchant_id=merchant_id,
            issued_bill_id=bill_id,
        )
        (answer,) = claim([request], now=now)
        if answer.piece_id is not None:
            _remember(bill_id, rule.id, answer.piece_id, now)
            return pieces.by_id(answer.piece_id)
    return None


def _known(bill_id: int) -> int | None:
    """The piece issued for the bill. Waits, by a lock on the bill's number, for whoever issues for it right now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended('coupons.issue:' || %s::text || ':' || %s::text, 0))",
            [scope.district_id(), bill_id],
        )
        cursor.execute(
            "select piece_id from coupons_bill_issue where district_id = %s and bill_id = %s",
            [scope.district_id(), bill_id],
        )
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def _remember(bill_id: int, rule_id: int, piece_id: int, now: datetime) -> None:
    BillIssue.objects.create(bill_id=bill_id, rule_id=rule_id, piece_id=piece_id, at=now)
