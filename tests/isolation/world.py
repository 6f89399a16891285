"""Two districts on one installation, the first with one row of nearly everything, made by the actions that make it in life."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.test import Client

from shangquan.checkout import door as checkout
from shangquan.checkout.tests.story import Mall, build
from shangquan.codes import door as codes
from shangquan.codes.actions.issue_credential import issue_credential
from shangquan.codes.contracts import CredentialKind
from shangquan.coupons import door as coupons
from shangquan.coupons.actions.campaigns import draft_campaign, publish_campaign
from shangquan.coupons.actions.shelf import decide_enrolment, enrol, make_shelf, open_shelf
from shangquan.coupons.contracts import (
    CampaignDraft,
    Caps,
    ClaimRequest,
    CouponKind,
    CouponTerms,
    PayerShare,
    Scope,
    Source,
    Validity,
)
from shangquan.identity.actions.grant_role import grant_role
from shangquan.identity.actions.make_account import make_account
from shangquan.identity.contracts import Role
from shangquan.identity.models import Account
from shangquan.kernel import clock, scope
from shangquan.kernel.transactions import transaction
from shangquan.members import door as members
from shangquan.settlement import door as settlement
from shangquan.tenancy.actions.open_district import open_district
from shangquan.tenancy.models import District

PASSWORD = "osmanthus-lane-7"
HOSTS = ("qiwuli.localhost", "yunting.localhost")
MEMBER_KEY = "walls.member"


@dataclass(frozen=True)
class World:
    """`kids` owns the rows that everybody tries to reach; `toys` is the merchant next door; `yunting` is next town."""

    first: int
    second: int
    mall: Mall
    stranger: int
    owner: int
    kids_admin: int
    toys_admin: int
    far_owner: int
    far_member: int
    far_kids: int


def staff(
    username: str, name: str, role: Role, now: datetime, merchant_id: int | None = None, store: int | None = None
) -> int:
    with transaction():
        made = make_account(username=username, name=name, password=PASSWORD, now=now)
        grant_role(account_id=made, role=role, merchant_id=merchant_id, store_id=store, now=now)
    return made


def build_world(first: int) -> World:
    """In the open scope of `first`. The moment is the clock's, since pages read it there."""
    now = clock.now()
    mall = build(now - timedelta(days=2))
    District.objects.filter(id=first).update(host=HOSTS[0])
    owner = staff("qiwuli-owner", "周岚岚", Role.OWNER_ADMIN, now)
    kids_admin = staff("kids-admin", "何苗苗", Role.MERCHANT_ADMIN, now, mall.kids)
    toys_admin = staff("toys-admin", "橘小童", Role.MERCHANT_ADMIN, now, mall.toys)
    staff("kids-cashier", "收银小吴", Role.CASHIER, now, mall.kids, mall.kids_store)
    with transaction():
        stranger = members.open_card(openid="oStranger-0001", name="陌路人", channel="official_account", now=now)
        members.note_dealing(mall.member, mall.kids, "bought", now=now)
    _coupons(mall, now)
    _bills(mall, now)
    _codes(mall, now)
    with transaction():
        settlement.close_period(ends_on=(now - timedelta(days=1)).date(), now=now)
    with transaction():
        second = open_district(slug="yunting", name="云汀天街", name_en="Yunting", now=now)
    District.objects.filter(id=second).update(host=HOSTS[1])
    with scope.scope(second):
        far_owner = staff("yunting-owner", "苏远之", Role.OWNER_ADMIN, now)
        far = build(now - timedelta(days=2))
    return World(first, second, mall, stranger.id, owner, kids_admin, toys_admin, far_owner, far.member, far.kids)


def _campaign(mall: Mall, now: datetime, title: str, issuer: int | None) -> int:
    terms = CouponTerms(
        campaign_id=0,
        kind=CouponKind.CASH,
        title_zh=title,
        title_en=f"Coupon {issuer}",
        amount_fen=1_000,
        min_spend_fen=2_000,
        issuer_id=issuer,
        scope=Scope(merchants_in=frozenset({issuer}) if issuer else frozenset()),
        payers=(PayerShare("redeemer", 10_000),),
    )
    made = draft_campaign(CampaignDraft(terms, Validity(days=30), Caps(100, None, 5)), now=now)
    publish_campaign(made.id, now=now)
    return made.id


def _coupons(mall: Mall, now: datetime) -> None:
    with transaction():
        campaign = _campaign(mall, now, "小禾暖冬券", mall.kids)
        shelf = make_shelf(title="周末亲子季", deadline=now + timedelta(days=9), now=now)
        open_shelf(shelf.id, now=now)
        entry = enrol(shelf.id, campaign, now=now)
        decide_enrolment(entry.id, accepted=True, now=now)
        coupons.save_rule(title="付款后的下一张", campaign_id=campaign, now=now)
        pieces = [
            coupons.claim_one(ClaimRequest(campaign, mall.member, Source.SHELF, f"k{turn}"), now=now).id
            for turn in range(3)
        ]
        coupons.give(pieces[0], giver_id=mall.member, now=now)


def _bills(mall: Mall, now: datetime) -> None:
    paid = mall.pay(mall.open("till-1-0001").id)
    mall.earn(paid.id)
    mall.refund(paid.id, {1: 1})
    mall.pay(mall.open("till-1-0002").id)
    mall.open("till-1-0003")
    assert checkout.bill(paid.id).refunded_fen > 0


def _codes(mall: Mall, now: datetime) -> None:
    with transaction():
        codes.make_scene(source="shelf", subject_kind="store", subject_id=mall.kids_store, place="收银台左侧", now=now)
        issue_credential(CredentialKind.TICKET, subject_kind="member", subject_id=mall.member, now=now)


def browser(world: World, *, account: int | None = None, member: int | None = None, far: bool = False) -> Client:
    """A browser in the first district or the far one: of staff, of a member, or of a guest."""
    client = Client(raise_request_exception=False, headers={"host": HOSTS[1 if far else 0]})
    session = client.session
    if account is not None:
        person = Account.objects.get(id=account)
        session["identity.staff"] = {
            "account": account,
            "proof": person.get_session_auth_hash(),
            "grant": None,
            "until": (clock.now() + timedelta(hours=1)).timestamp(),
        }
    if member is not None:
        session[MEMBER_KEY] = member
    session.save()
    return client
