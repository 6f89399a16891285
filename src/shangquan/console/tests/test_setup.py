"""Points, the official account, pushes, modules and the export over HTTP."""

import csv
import io
import zipfile
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from shangquan.checkout.tests.story import Mall
from shangquan.console.tests.conftest import SignIn
from shangquan.identity.contracts import Role
from shangquan.kernel import scope
from shangquan.kernel.models import AuditLine
from shangquan.kernel.transactions import transaction
from shangquan.members import door as members
from shangquan.messaging import door as messaging
from shangquan.messaging import ports
from shangquan.messaging.contracts import Incoming
from shangquan.messaging.tests.test_messaging import FakePlatform
from shangquan.points import door as points
from shangquan.tenancy import door as tenancy
from shangquan.tenancy.actions.open_district import open_district
from shangquan.tenancy.models import District

BIND = {"appid": "wx_qiwuli_svc", "name": "栖梧里"}


@pytest.fixture(autouse=True)
def platform(monkeypatch: pytest.MonkeyPatch) -> FakePlatform:
    fake = FakePlatform()
    monkeypatch.setattr(ports, "_account", [fake])
    return fake


def text_of(answer: Any) -> str:
    shown: str = answer.content.decode()
    return shown


@pytest.mark.feature("A5")
def test_a_module_appears_with_its_menu_and_rights_without_a_restart_and_keeps_its_data(
    mall: Mall, sign_in: SignIn
) -> None:
    owner, shop = sign_in(Role.OWNER_ADMIN), sign_in(Role.MERCHANT_ADMIN, mall.kids)
    switch = "/console/settings/modules/settlement/"
    link = 'href="/console/settlement/"'
    assert link in text_of(shop.get("/console/products/"))
    owner.post(switch, {"on": "0"})
    assert link not in text_of(shop.get("/console/products/")) and shop.get("/console/settlement/").status_code == 403
    assert not tenancy.module_on("settlement")
    owner.post(switch, {"on": "1"})
    assert link in text_of(shop.get("/console/products/")) and shop.get("/console/settlement/").status_code == 200
    refused = owner.post("/console/settings/modules/members/", {"on": "0"}, follow=True)
    assert "N-4091" in text_of(refused) and tenancy.module_on("members")
    owner.post("/console/settings/modules/parking/", {"on": "1"})
    assert not tenancy.module_on("parking"), "reserved and described, not built yet"
    assert "停车" in text_of(owner.get("/console/settings/"))
    assert shop.get("/console/settings/").status_code == 403
    assert AuditLine.rows().filter(action="tenancy.switch").count() == 2


@pytest.mark.feature("A8")
def test_the_owner_takes_out_all_of_its_district_and_nothing_of_another(
    mall: Mall, sign_in: SignIn, now: datetime
) -> None:
    bill = mall.open()
    mall.pay(bill.id)
    mall.earn(bill.id)
    piece = mall.give(amount_fen=1_000)
    District.objects.filter(id=scope.district_id()).update(host="testserver")
    with transaction():
        other = open_district(slug="elsewhere", name="别处", now=now)
    with scope.scope(other), transaction():
        stranger = members.open_card(phone="13999999999", name="别处的人", channel="pos", now=now)
    owner = sign_in(Role.OWNER_ADMIN)
    answer = owner.post("/console/settings/data/export/")
    package = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]

    def rows(name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(package.read(name).decode("utf-8-sig"))))

    assert [row["id"] for row in rows("members.csv")] == [str(mall.member)]
    assert [row["number"] for row in rows("orders.csv")] == [bill.number]
    assert len(rows("order_lines.csv")) == 3
    assert [row["code"] for row in rows("coupons.csv")] == [piece.code] and len(rows("coupon_campaigns.csv")) == 1
    held = points.balance(mall.member)
    assert sum(int(row["points"]) for row in rows("points.csv")) == held.available + held.held
    everything = b"".join(package.read(name) for name in package.namelist()).decode()
    assert "别处的人" not in everything and stranger.card_no not in everything
    assert AuditLine.rows().filter(action="data.export", refused="").count() == 1
    shop = sign_in(Role.MERCHANT_ADMIN, mall.kids)
    assert shop.post("/console/settings/data/export/").status_code == 403


@pytest.mark.feature("C1")
def test_functions_are_greyed_with_a_reason_until_a_verified_service_account_is_bound(
    mall: Mall, sign_in: SignIn
) -> None:
    owner = sign_in(Role.OWNER_ADMIN)
    assert "还没有绑定" in text_of(owner.get("/console/account/"))
    owner.post("/console/account/bind/", {**BIND, "kind": "subscription"})
    page = text_of(owner.get("/console/account/"))
    assert "用不了" in page and "认证" in page
    assert "disabled" in text_of(owner.get("/console/account/menu/"))
    owner.post("/console/account/bind/", {**BIND, "kind": "service", "verified": "on"})
    assert "用不了" not in text_of(owner.get("/console/account/"))
    assert "disabled" not in text_of(owner.get("/console/account/menu/"))
    assert sign_in(Role.MERCHANT_ADMIN, mall.kids).get("/console/account/").status_code == 403


def bound(sign_in: SignIn) -> Client:
    owner = sign_in(Role.OWNER_ADMIN)
    owner.post("/console/account/bind/", {**BIND, "kind": "service", "verified": "on"})
    return owner


@pytest.mark.feature("C2")
def test_a_menu_of_three_columns_is_published_as_it_was_edited(
    mall: Mall, sign_in: SignIn, platform: FakePlatform
) -> None:
    owner = bound(sign_in)
    typed = {
        "name1": "逛街", "value1": "https://mall.example/m/street", "name2": "会员", "subs2": "会员码 code\n我的券 https://m.example/c",
        "name3": "服务", "value3": "service",
    }  # fmt: skip
    bad = owner.post("/console/account/menu/save/", {**typed, "name1": "名字实在太长了"})
    assert bad.status_code == 400 and "G-4001" in text_of(bad) and "名字实在太长了" in text_of(bad)
    owner.post("/console/account/menu/save/", typed)
    driver = {"name1": "停车缴费", "value1": "https://mall.example/m/parking"}
    owner.post("/console/account/menu/save/", {**driver, "tag": "driver"})
    owner.post("/console/account/menu/publish/")
    assert platform.menu == {
        "button": [
            {"name": "逛街", "type": "view", "url": "https://mall.example/m/street"},
            {
                "name": "会员",
                "sub_button": [
                    {"name": "会员码", "type": "click", "key": "code"},
                    {"name": "我的券", "type": "view", "url": "https://m.example/c"},
                ],
            },
            {"name": "服务", "type": "click", "key": "service"},
        ]
    }
    assert platform.personal["driver"] == {
        "button": [{"name": "停车缴费", "type": "view", "url": "https://mall.example/m/parking"}]
    }
    assert "会员码 code" in text_of(owner.get("/console/account/menu/")), "what was saved is there to edit"


@pytest.mark.feature("C3")
def test_a_rule_answers_and_the_rest_waits_in_the_inbox_for_a_person(
    mall: Mall, sign_in: SignIn, now: datetime
) -> None:
    owner = bound(sign_in)
    assert owner.post("/console/account/replies/save/", {"keyword": "parking", "match": "contains"}).status_code == 400
    owner.post("/console/account/replies/save/", {"keyword": "parking", "match": "contains", "text": "停车两小时免费"})

    def came(text: str, n: int) -> Any:
        message = Incoming("wx_qiwuli_svc", "oLin-000001", f"m{n}", "text", now, text=text)
        with transaction():
            return messaging.receive(message, now=now)

    answered = came("parking", 1)
    assert answered is not None and answered.text == "停车两小时免费"
    came("蛋糕能定做吗", 2)
    page = text_of(owner.get("/console/inbox/"))
    assert "蛋糕能定做吗" in page and f"/console/members/{mall.member}/" in page
    (waiting,) = messaging.service_inbox()
    address = f"/console/inbox/{waiting.id}/"
    assert owner.post(address, {"text": ""}).status_code == 400
    assert owner.post(address, {"text": "可以的"}).status_code == 302 and messaging.service_inbox() == []
    assert "G-4092" in text_of(owner.post(address, {"text": "又一次"}))
    (rule,) = messaging.reply_rules()
    owner.post(f"/console/account/replies/{rule.id}/delete/")
    assert messaging.reply_rules() == []


@pytest.mark.feature("C6")
def test_a_merchant_asks_for_a_push_and_only_the_owner_sends(mall: Mall, sign_in: SignIn) -> None:
    owner, shop = bound(sign_in), sign_in(Role.MERCHANT_ADMIN, mall.kids)
    article = {"tier": "", "title": "童装秋装上新", "url": "https://mall.example/m/shelf"}
    assert shop.post("/console/pushes/new/", article).status_code == 302
    (asked,) = messaging.pushes()
    assert (asked.state, asked.merchant_id) == ("requested", mall.kids)
    shop.post(f"/console/pushes/{asked.id}/", {"approve": "1"})
    assert messaging.push_by_id(asked.id).state == "requested"
    assert "商户申请推送" in text_of(owner.get("/console/pushes/"))
    owner.post(f"/console/pushes/{asked.id}/", {"approve": "1"})
    assert messaging.push_by_id(asked.id).state == "sending"
    again = owner.post(f"/console/pushes/{asked.id}/", {"approve": "0"}, follow=True)
    assert "G-4091" in text_of(again)
    toys = sign_in(Role.MERCHANT_ADMIN, mall.toys)
    assert "童装秋装上新" not in text_of(toys.get("/console/pushes/"))
    assert sign_in(Role.CASHIER, mall.kids, mall.kids_store).get("/console/pushes/").status_code == 403


@pytest.mark.feature("G13")
def test_the_owner_sees_the_liability_and_changes_rules_by_a_new_version(
    mall: Mall, sign_in: SignIn, now: datetime
) -> None:
    owner = sign_in(Role.OWNER_ADMIN)
    page = text_of(owner.get("/console/points/"))
    assert "3,280" in page and "¥32.80" in page
    past = (now - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    refused = owner.post("/console/points/earn/", {"yuan": "2", "starts_at": past})
    assert refused.status_code == 400 and "J-4221" in text_of(refused)
    assert owner.post("/console/points/earn/", {"yuan": "2", "starts_at": ""}).status_code == 302
    assert [rule.fen_per_point for rule in points.earn_rules()] == [200, 100]
    spend = {"points_per_yuan": "50", "step": "10", "minimum": "0", "max_share": "50", "owner_share": "80"}
    assert owner.post("/console/points/spend/", spend).status_code == 302
    assert points.liability(now).worth_fen == 6_560
    tier = {"code": "black", "name": "黑卡", "name_en": "Black", "rank": "4", "payable": "90"}
    assert owner.post("/console/points/tiers/", tier).status_code == 302
    assert {card.code: card.payable_bp for card in points.tiers()}["black"] == 9_000
    assert sign_in(Role.MERCHANT_ADMIN, mall.kids).get("/console/points/").status_code == 403
