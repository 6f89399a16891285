"""For merchants and the owner: campaigns, rules that issue after a payment, figures."""

from datetime import timedelta
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Status

from shangquan.coupons import door
from shangquan.coupons.api.schemas import (
    Before,
    CampaignIn,
    CampaignOut,
    FiguresOut,
    FlowOut,
    FunnelOut,
    Id,
    Key,
    Limit,
    NoteIn,
    RuleIn,
    RuleOut,
    StockIn,
)
from shangquan.coupons.contracts import CampaignState, RuleCard
from shangquan.identity.api import right
from shangquan.kernel import clock, scope
from shangquan.kernel.idempotency import fingerprint, once
from shangquan.kernel.transactions import transaction

router = Router()


@router.get("/campaigns", auth=right("coupons.read"), response=list[CampaignOut], summary="券列表 Campaigns")
def get_campaigns(
    request: HttpRequest,
    state: CampaignState | None = None,
    merchant_id: int | None = None,
    search: Annotated[str, Query(max_length=40)] = "",
    before: Before = None,
    limit: Limit = 50,
) -> list[CampaignOut]:
    """Newest first. A merchant sees what it issues and what works at it by name."""
    cards = door.campaign_lists.campaigns(
        states=[state.value] if state else [], merchant_id=merchant_id, search=search, before=before, limit=limit
    )
    return [CampaignOut.of(card) for card in cards]


@router.post("/campaigns", auth=right("coupons.edit"), response={201: CampaignOut}, summary="建券 New campaign")
def post_campaign(request: HttpRequest, body: CampaignIn, key: Key) -> Status[CampaignOut]:
    """A draft. The same key answers the first draft. Refuses C-4001 with what is wrong, C-4225 over budget."""
    draft = body.draft()
    with transaction():
        made = once(
            key=key,
            request=fingerprint("coupons.draft", body.model_dump(mode="json")),
            run=lambda: door.draft_campaign(draft, now=clock.now()).id,
        )
        return Status(201, CampaignOut.of(door.campaign(made)))


@router.get("/campaigns/{campaign_id}", auth=right("coupons.read"), response=CampaignOut, summary="一个券 One campaign")
def get_campaign(request: HttpRequest, campaign_id: Id) -> CampaignOut:
    return CampaignOut.of(door.campaign_lists.campaign(campaign_id))


@router.put("/campaigns/{campaign_id}", auth=right("coupons.edit"), response=CampaignOut, summary="改草稿 Edit a draft")
def put_campaign(request: HttpRequest, campaign_id: Id, body: CampaignIn) -> CampaignOut:
    """Published terms never change: C-4098."""
    with transaction():
        return CampaignOut.of(door.edit_campaign(campaign_id, body.draft(), now=clock.now()))


@router.post("/campaigns/{campaign_id}/submit", auth=right("coupons.edit"), response=CampaignOut, summary="提交 Submit")
def post_submit(request: HttpRequest, campaign_id: Id) -> CampaignOut:
    with transaction():
        return CampaignOut.of(door.submit_campaign(campaign_id, now=clock.now()))


@router.post(
    "/campaigns/{campaign_id}/publish", auth=right("coupons.publish"), response=CampaignOut, summary="发布 Publish"
)
def post_publish(request: HttpRequest, campaign_id: Id) -> CampaignOut:
    """Refuses C-4034 when the owner has to publish it: other merchants, or others bear a part of the cost."""
    with transaction():
        return CampaignOut.of(door.publish_campaign(campaign_id, now=clock.now()))


@router.post(
    "/campaigns/{campaign_id}/send-back", auth=right("coupons.publish"), response=CampaignOut, summary="退回 Send back"
)
def post_send_back(request: HttpRequest, campaign_id: Id, body: NoteIn) -> CampaignOut:
    """Owner only."""
    with transaction():
        return CampaignOut.of(door.send_back_campaign(campaign_id, body.note))


@router.post(
    "/campaigns/{campaign_id}/pause", auth=right("coupons.publish"), response=CampaignOut, summary="停发 Pause"
)
def post_pause(request: HttpRequest, campaign_id: Id) -> CampaignOut:
    with transaction():
        return CampaignOut.of(door.pause_campaign(campaign_id))


@router.post(
    "/campaigns/{campaign_id}/resume", auth=right("coupons.publish"), response=CampaignOut, summary="恢复 Resume"
)
def post_resume(request: HttpRequest, campaign_id: Id) -> CampaignOut:
    with transaction():
        return CampaignOut.of(door.resume_campaign(campaign_id))


@router.post("/campaigns/{campaign_id}/end", auth=right("coupons.publish"), response=CampaignOut, summary="结束 End")
def post_end(request: HttpRequest, campaign_id: Id) -> CampaignOut:
    with transaction():
        return CampaignOut.of(door.end_campaign(campaign_id, now=clock.now()))


@router.post(
    "/campaigns/{campaign_id}/stock", auth=right("coupons.publish"), response=CampaignOut, summary="加量 Stock"
)
def post_stock(request: HttpRequest, campaign_id: Id, body: StockIn) -> CampaignOut:
    with transaction():
        return CampaignOut.of(door.raise_stock(campaign_id, body.total, now=clock.now()))


@router.get(
    "/campaigns/{campaign_id}/figures", auth=right("coupons.read"), response=FiguresOut, summary="券数据 Figures"
)
def get_figures(request: HttpRequest, campaign_id: Id) -> FiguresOut:
    """Claimed, redeemed and the rate, by way, by scene code and by store (F15)."""
    return FiguresOut.of(door.figures(door.campaign_lists.campaign(campaign_id).id, clock.now()))


@router.get("/campaigns/{campaign_id}/funnel", auth=right("coupons.read"), response=FunnelOut, summary="漏斗 Funnel")
def get_funnel(request: HttpRequest, campaign_id: Id) -> FunnelOut:
    return FunnelOut.of(door.funnel(door.campaign_lists.campaign(campaign_id).id, clock.now()))


@router.get("/flow", auth=right("coupons.read"), response=list[FlowOut], summary="跨店流向 Flow between merchants")
def get_flow(request: HttpRequest, days: Annotated[int, Query(ge=1, le=366)] = 30) -> list[FlowOut]:
    """Of the last days. A merchant sees the flows that it is a part of."""
    now = clock.now()
    rows = door.flow(now - timedelta(days=days), now, merchant_id=scope.actor().merchant_id)
    return [FlowOut.of(row) for row in rows]


@router.post("/pieces/{piece_id}/void", auth=right("coupons.publish"), response={204: None}, summary="作废 Withdraw")
def post_void(request: HttpRequest, piece_id: Id, body: NoteIn) -> Status[None]:
    with transaction():
        door.void_piece(piece_id, reason=body.note)
    return Status(204, None)


@router.get("/issue-rules", auth=right("coupons.read"), response=list[RuleOut], summary="支付后发券 Issue rules")
def get_rules(request: HttpRequest) -> list[RuleOut]:
    return [RuleOut.of(card) for card in door.rule_lists.rules()]


@router.post("/issue-rules", auth=right("coupons.publish"), response={201: RuleOut}, summary="建规则 New rule")
def post_rule(request: HttpRequest, body: RuleIn, key: Key) -> Status[RuleOut]:
    """Owner only."""
    with transaction():
        made = once(
            key=key,
            request=fingerprint("coupons.rule", body.model_dump(mode="json")),
            run=lambda: _save(body).id,
        )
        return Status(201, RuleOut.of(door.rule_lists.rule(made)))


@router.put("/issue-rules/{rule_id}", auth=right("coupons.publish"), response=RuleOut, summary="改规则 Change a rule")
def put_rule(request: HttpRequest, rule_id: Id, body: RuleIn) -> RuleOut:
    with transaction():
        return RuleOut.of(_save(body, rule_id))


def _save(body: RuleIn, rule_id: int | None = None) -> RuleCard:
    return door.save_rule(
        title=body.title, campaign_id=body.campaign_id, merchants=tuple(body.merchants), minimum_fen=body.minimum_fen,
        priority=body.priority, is_active=body.is_active, now=clock.now(), rule_id=rule_id,
    )  # fmt: skip
