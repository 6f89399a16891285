"""What other rooms may do with coupons. Ids and values in, contracts out; writes need an open transaction."""

from collections.abc import Sequence
from datetime import datetime

from shangquan.coupons.actions.campaigns import (
    draft_campaign,
    edit_campaign,
    end_campaign,
    pause_campaign,
    publish_campaign,
    raise_stock,
    resume_campaign,
    send_back_campaign,
    submit_campaign,
)
from shangquan.coupons.actions.claim import claim
from shangquan.coupons.actions.gift import accept, give, recall
from shangquan.coupons.actions.give_back import give_back
from shangquan.coupons.actions.hold import hold, release
from shangquan.coupons.actions.issue_rules import issue_after_payment, save_rule
from shangquan.coupons.actions.note_shown import note_shown
from shangquan.coupons.actions.redeem import check_off, redeem
from shangquan.coupons.actions.shelf import (
    close_shelf,
    decide_enrolment,
    enrol,
    make_shelf,
    open_shelf,
    order_shelf,
)
from shangquan.coupons.actions.void import void_piece
from shangquan.coupons.contracts import (
    NO_CAMPAIGN,
    CampaignCard,
    CampaignDraft,
    CampaignFigures,
    CampaignState,
    ClaimRequest,
    CouponPiece,
    FlowRow,
    Funnel,
    GiftCard,
    PieceCard,
    RuleCard,
    Source,
    TicketCard,
)
from shangquan.coupons.export import export_campaigns, export_pieces
from shangquan.coupons.models import Campaign
from shangquan.coupons.queries import campaigns as campaign_lists
from shangquan.coupons.queries import figures as counted
from shangquan.coupons.queries import gifts, pieces, shelves, tickets
from shangquan.coupons.queries import issue_rules as rule_lists
from shangquan.coupons.queries.places import Names, merchants_named
from shangquan.coupons.queries.stored import campaign_card, draft_from, draft_of
from shangquan.coupons.rules.publishing import check_draft, why_owner_decides, worst_cost
from shangquan.coupons.rules.ticket import Mine, of_campaign
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import required
from shangquan.tenancy import door as tenancy

__all__ = [
    "accept",
    "campaign",
    "campaign_lists",
    "campaigns",
    "check_draft",
    "check_off",
    "claim",
    "claim_one",
    "close_shelf",
    "count_tabs",
    "decide_enrolment",
    "draft_campaign",
    "draft_from",
    "draft_of",
    "edit_campaign",
    "end_campaign",
    "enrol",
    "export_campaigns",
    "export_pieces",
    "figures",
    "figures_of_many",
    "flow",
    "funnel",
    "gift_by_token",
    "gifts",
    "give",
    "give_back",
    "hold",
    "issue",
    "issue_after_payment",
    "issue_rules_for",
    "make_shelf",
    "note_shown",
    "open_shelf",
    "order_shelf",
    "pause_campaign",
    "piece",
    "piece_by_code",
    "pieces",
    "pieces_of",
    "preview_ticket",
    "publish_campaign",
    "raise_stock",
    "recall",
    "redeem",
    "release",
    "resume_campaign",
    "rule_lists",
    "save_rule",
    "send_back_campaign",
    "shelves",
    "submit_campaign",
    "tickets",
    "usable_for",
    "void_piece",
    "why_owner_decides",
    "worst_cost",
]  # fmt: skip


@required
def claim_one(request: ClaimRequest, *, now: datetime) -> PieceCard:
    """One claim; raises the refusal that `claim` would answer."""
    (answer,) = claim([request], now=now)
    if answer.piece_id is None:
        raise answer.refusal()
    return pieces.by_id(answer.piece_id)


@required
def issue(
    campaign_id: int,
    member_id: int,
    *,
    source: Source | str,
    source_id: str,
    now: datetime,
    source_code_id: int | None = None,
) -> PieceCard:
    """Hand a piece to a member on the district's own account (a journey, a treasure hunt, a welcome).

    Once for each (source, source_id): a repeat answers the first piece. Caps and states hold as for a claim.
    """
    way = Source(source)
    request = ClaimRequest(campaign_id, member_id, way, f"{way.value}:{source_id}"[:80], source_code_id)
    return claim_one(request, now=now)


def usable_for(member_id: int, now: datetime) -> list[CouponPiece]:
    """All pieces of the member that are not over, usable on a given basket or not: checkout asks the rules and explains."""
    return pieces.usable_for(member_id, now)


def piece_by_code(code: str) -> PieceCard:
    """Refuses C-4042."""
    return pieces.by_code(code)


def piece(piece_id: int) -> PieceCard:
    return pieces.by_id(piece_id)


def pieces_of(piece_ids: Sequence[int]) -> list[PieceCard]:
    return pieces.by_ids(piece_ids)


def campaign(campaign_id: int) -> CampaignCard:
    row = Campaign.rows().filter(id=campaign_id).first()
    if row is None:
        raise Refused(NO_CAMPAIGN)
    return campaign_card(row)


def preview_ticket(draft: CampaignDraft, now: datetime) -> TicketCard:
    """The ticket that a draft would be on a shelf if it were published now."""
    card = CampaignCard(
        id=0, number="", state=CampaignState.PUBLISHED, issuer_merchant_id=draft.terms.issuer_id, kind=draft.terms.kind,
        terms=draft.terms, validity=draft.validity, caps=draft.caps, claimed=0, claim_from=draft.claim_from,
        claim_to=draft.claim_to, audience=draft.audience, sources=draft.sources, is_giftable=draft.is_giftable,
        block_redeem_when_paused=draft.block_redeem_when_paused, budget_fen=draft.budget_fen, about_zh=draft.about_zh,
        about_en=draft.about_en, note="", created_at=now, published_at=now,
    )  # fmt: skip
    return of_campaign(card, Names.of(merchants_named([draft.terms])).place(draft.terms), Mine(), tenancy.local(now))


def campaigns(campaign_ids: Sequence[int]) -> dict[int, CampaignCard]:
    return {row.id: campaign_card(row) for row in Campaign.rows().filter(id__in=campaign_ids)}


def count_tabs(member_id: int, now: datetime) -> dict[str, int]:
    """How many pieces each tab of "my coupons" holds: usable, used, expired, given."""
    return pieces.count_tabs(member_id, now)


def issue_rules_for(merchant_id: int, paid_fen: int) -> list[RuleCard]:
    """The rules that a payment of so much at this merchant meets, the first to be tried first."""
    return rule_lists.rules_for(merchant_id, paid_fen)


def gift_by_token(token: str) -> GiftCard:
    """What an opened gift link shows. Refuses C-4044."""
    return gifts.by_token(token)


def figures(campaign_id: int, now: datetime) -> CampaignFigures:
    """Refuses C-4041."""
    return counted.figures_of(campaign_id, now)


def figures_of_many(campaign_ids: Sequence[int], now: datetime) -> dict[int, CampaignFigures]:
    """Three queries, however many campaigns."""
    return counted.figures(campaign_ids, now)


def funnel(campaign_id: int, now: datetime) -> Funnel:
    return counted.funnel(campaign_id, now)


def flow(since: datetime, until: datetime, *, merchant_id: int | None = None) -> list[FlowRow]:
    """From the merchant that issued to the merchant where it was used, who bore the cost (F11)."""
    return counted.flow(since, until, merchant_id=merchant_id)
