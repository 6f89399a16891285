"""The Official Account over real HTTP: the sandbox calls our server and we call the sandbox."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from shangquan.connectors import door as connectors
from shangquan.connectors.contracts import Kind
from shangquan.connectors.models import PlatformToken
from shangquan.connectors.wechat import client
from shangquan.kernel import clock, jobs
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import transaction
from shangquan.members import door as members
from shangquan.members.contracts import Purpose
from shangquan.messaging import door as messaging
from shangquan.messaging import ports
from shangquan.messaging.contracts import (
    BAD_LOGIN,
    LOGIN_FAILED,
    PLATFORM_REFUSED,
    PLATFORM_SILENT,
    AccountKind,
    Article,
    Reply,
    SceneFact,
)
from shangquan.messaging.models import InMessage, OutMessage
from superapp_sandbox.testing import Phone, SandboxServer, wait_until

APPID = "wx5a9d0b0ca1000001"
CLAIM = {"coupon": "拿铁买一送一", "until": "2026-11-30", "store": "阿宁咖啡"}
CALLBACK = "http://127.0.0.1:8000/m/login/"
MENU = {
    "button": [
        {"name": "逛街", "type": "view", "url": "http://127.0.0.1:8000/m/street/"},
        {"name": "会员", "sub_button": [{"name": "会员码", "type": "click", "key": "code"}]},
        {"name": "服务", "type": "click", "key": "service"},
    ]
}


@pytest.fixture(autouse=True)
def _bound(keys: Path, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {"store-7": SceneFact("store_qr", 70, "阿宁咖啡", "http://127.0.0.1:8000/c/store-7")}
    monkeypatch.setattr(ports, "_scene_reader", [facts.get])
    with transaction():
        connectors.bind_official_account(
            appid=APPID, name="栖梧里", kind=AccountKind.SERVICE, verified=True, now=clock.now()
        )


@pytest.fixture
def served(keys: Path, sandbox: SandboxServer, live_server: Any, settings: Any, request: Any) -> None:
    """Our server is the account's server, in the mode that the test names."""
    settings.BASE_URL = live_server.url
    mode = getattr(request, "param", "safe")
    sandbox.set_account(url=f"{live_server.url}/wx/{APPID}/", mode=mode)
    keys.write_text(json.dumps(sandbox.credentials()))


def kept(count: int) -> list[InMessage]:
    rows: list[InMessage] = wait_until(
        lambda: found if len(found := list(InMessage.rows().order_by("id"))) >= count else None
    )
    return rows


# -- the server's address --------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.feature("C3")
@pytest.mark.parametrize("served", ["plain", "compatible", "safe"], indirect=True)
def test_a_fan_writes_and_gets_the_reply_in_each_mode(served: None, lin: Phone) -> None:
    with transaction():
        messaging.save_reply_rule(keyword="停车", reply=Reply(text="停车两小时免费 <b>&</b>"))
    lin.follow()
    lin.say("停车怎么收费")
    texts = [m["body"]["content"] for m in lin.wait_received("text", 2)]
    assert texts == ["欢迎来到栖梧里", "停车两小时免费 <b>&</b>"]
    lin.say("蛋糕能定做吗")
    kept(3)
    waiting = messaging.service_inbox()
    assert [card.text for card in waiting] == ["蛋糕能定做吗"] and waiting[0].fan_id is not None
    with transaction():
        messaging.answer(message_id=waiting[0].id, text="可以，提前一天", now=clock.now())
    jobs.drain()
    assert lin.wait_received("text", 3)[-1]["body"]["content"] == "可以，提前一天"


@pytest.mark.django_db(transaction=True)
@pytest.mark.feature("C7")
def test_a_store_code_brings_a_fan_with_its_source_and_greets_with_the_store(
    served: None, lin: Phone, sandbox: SandboxServer
) -> None:
    code = messaging.create_qr("store-7")
    lin.scan(code["url"])
    article = lin.wait_received("news")[0]["body"]["articles"][0]
    assert (article["title"], article["url"]) == ("阿宁咖啡", "http://127.0.0.1:8000/c/store-7")
    lin.unfollow()
    kept(2)
    lin.follow()
    kept(3)
    lin.scan(code["url"])  # follows already: only a visit
    kept(4)
    fan = members.fan(lin.openid())
    assert fan is not None and (fan.first_source, fan.latest_source) == ("store_qr", "official_account")
    assert [fact.followed for fact in members.fan_history(fan.id)] == [True, False, True]
    assert httpx.get(code["picture"], trust_env=False).headers["content-type"] == "image/png"


@pytest.mark.django_db(transaction=True)
def test_the_same_push_again_is_answered_as_before_and_strangers_leave_nothing(
    served: None, lin: Phone, sandbox: SandboxServer, live_server: Any
) -> None:
    lin.follow()
    lin.say("hello")
    kept(2)
    call = wait_until(lambda: [c for c in sandbox.calls(q="/wx/", direction="out") if "text" in c["title"]])[0]
    sandbox.replay(call["id"])
    assert InMessage.rows().count() == 2
    url = f"{live_server.url}/wx/{APPID}/"
    stranger = {"timestamp": str(int(clock.now().timestamp())), "nonce": "1", "signature": "0" * 40, "echostr": "x"}
    assert httpx.get(url, params=stranger, trust_env=False).status_code == 403
    assert httpx.post(url, params=stranger, content=b"<xml/>", trust_env=False).status_code == 403
    assert httpx.post(url.replace("0001/", "0002/"), content=b"<xml/>", trust_env=False).status_code == 403
    assert InMessage.rows().count() == 2


def signed(token: str, *, at: int = 0, **more: str) -> dict[str, str]:
    from shangquan.connectors.wechat import crypt

    stamp = str(int(clock.now().timestamp()) + at)
    return {"timestamp": stamp, "nonce": "n", "signature": crypt.signature(token, stamp, "n"), **more}


def test_stale_clear_and_broken_messages_are_refused(client: Any, keys: Path) -> None:
    held = json.loads(keys.read_text())
    token, url = held["account"]["token"], f"/wx/{APPID}/"
    query = "&".join(f"{name}={value}" for name, value in signed(token, at=-400).items())
    assert client.get(f"{url}?{query}&echostr=1").status_code == 403
    query = "&".join(f"{name}={value}" for name, value in signed(token).items())
    assert client.get(f"{url}?{query}&echostr=77").content == b"77"
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><MsgType>&a;</MsgType></xml>'
    for body in (b"", b"no xml", b"<xml><MsgType>text</MsgType></xml>", bomb):
        assert client.post(f"{url}?{query}", body, content_type="text/xml").status_code == 403
    held["account"]["mode"] = "safe"
    keys.write_text(json.dumps(held))
    clear = b"<xml><FromUserName>oX</FromUserName><CreateTime>1</CreateTime><MsgType>text</MsgType></xml>"
    assert client.post(f"{url}?{query}", clear, content_type="text/xml").status_code == 403
    sealed = b"<xml><Encrypt>AAAA</Encrypt></xml>"
    assert client.post(f"{url}?{query}&encrypt_type=aes", sealed, content_type="text/xml").status_code == 403
    assert InMessage.rows().count() == 0


# -- what we send ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.feature("C10", "Y5")
def test_notices_and_the_days_push_reach_the_phone_and_the_platform_tells_that_they_arrived(
    served: None, lin: Phone, sandbox: SandboxServer
) -> None:
    assert "coupon_claimed" in messaging.set_up_templates()
    lin.follow()
    kept(1)
    with transaction():
        member = members.open_card(openid=lin.openid(), name="小林", channel="official_account", now=clock.now())
        members.give_consent(member.id, Purpose.MARKETING, wording="v1", now=clock.now())
    lin.say("有什么活动")
    kept(2)
    for title in ("秋日甜点季", "第二条"):
        with transaction():
            messaging.push(member_ids=[member.id], article=Article(title, "", "/m/a/"), now=clock.now())
    for _ in range(2):
        with transaction():
            messaging.notify(
                kind="coupon_claimed", data=CLAIM, key="claim:1", member_id=member.id, url="/m/", now=clock.now()
            )
    jobs.drain()
    template = lin.wait_received("template")[0]["body"]
    assert template["title"] == "优惠券到账提醒" and "拿铁买一送一" in str(template["lines"])
    pushes = [a["title"] for m in lin.received("news") for a in m["body"]["articles"]]
    assert pushes == ["秋日甜点季"] and len(lin.received("template")) == 1
    wait_until(lambda: OutMessage.rows().filter(kind="coupon_claimed", state="arrived").exists())


@pytest.mark.django_db(transaction=True)
def test_a_push_reaches_phones_that_said_nothing_lately(served: None, sandbox: SandboxServer) -> None:
    phones, ids = [sandbox.phone("小林"), sandbox.phone("阿宁")], []
    for phone in phones:
        phone.follow()
        with transaction():
            card = members.open_card(openid=phone.openid(), name=phone.name, channel="pos", now=clock.now())
            members.give_consent(card.id, Purpose.MARKETING, wording="v1", now=clock.now())
        ids.append(card.id)
    kept(2)
    InMessage.rows().update(at=clock.now() - timedelta(hours=50))
    with transaction():
        push = messaging.push(member_ids=ids, article=Article("秋日甜点季", "三家店", "/m/a/"), now=clock.now())
    jobs.drain()
    assert messaging.push_by_id(push.id).sent == 2
    for phone in phones:
        assert phone.wait_received("text", 2)[-1]["body"]["content"].startswith("秋日甜点季\n三家店\nhttp")


@pytest.mark.feature("C2")
def test_the_platform_gets_exactly_the_menu_and_a_driver_sees_parking(lin: Phone, sandbox: SandboxServer) -> None:
    driver = {"button": [{"name": "停车缴费", "type": "view", "url": "http://127.0.0.1:8000/m/parking/"}]}
    with transaction():
        messaging.save_menu(body=MENU, now=clock.now())
        messaging.save_menu(body=driver, tag="driver", now=clock.now())
    messaging.publish_menu(now=clock.now())
    created = sandbox.calls(q="/cgi-bin/menu/create")[0]
    assert json.loads(created["request_body"]) == MENU and "\\u" not in created["request_body"]
    lin.follow()
    messaging.tag_fans("driver", [lin.openid()])
    shown = sandbox.get(f"/_phone/api/users/{lin.id}/chats/{APPID}")["menu"]
    assert [button["name"] for button in shown["button"]] == ["停车缴费"]
    messaging.publish_menu(now=clock.now())
    assert len(sandbox.state()["accounts"][APPID]["conditional_menus"]) == 1


def test_a_refused_token_is_renewed_once_and_never_in_a_circle(sandbox: SandboxServer) -> None:
    messaging.create_qr("store-7")
    first = PlatformToken.rows().get(kind="access_token").value
    messaging.create_qr("store-8")
    assert len(sandbox.calls(q="/cgi-bin/stable_token")) == 1, "the token is kept"
    sandbox.faults(token_expired=True)
    messaging.create_qr("store-9")
    assert PlatformToken.rows().get(kind="access_token").value != first
    before = len(sandbox.calls(q="/cgi-bin/"))
    sandbox.faults(account_errcode={"value": 40001, "times": 9})
    with pytest.raises(Refused) as caught:
        messaging.create_qr("store-10")
    assert caught.value.reason is PLATFORM_REFUSED and "40001" in caught.value.zh
    assert len(sandbox.calls(q="/cgi-bin/")) - before == 3, "refused, renewed, refused: then it is over"
    sandbox.faults(account_errcode=None)


def test_a_platform_that_is_away_is_said_so(settings: Any) -> None:
    settings.WECHAT_API_URL = "http://127.0.0.1:9"
    with pytest.raises(Refused) as caught:
        messaging.create_qr("store-7")
    assert caught.value.reason is PLATFORM_SILENT


# -- web login and page scripts --------------------------------------------------------------------------------------


def back(lin: Phone, to: str = "/m/coupons/?id=7", nonce: str = "session-secret") -> dict[str, str]:
    """What the browser brings back from WeChat."""
    url = ports.login().authorize_url(appid=APPID, callback_url=CALLBACK, to=to, nonce=nonce, now=clock.now())
    query = parse_qs(urlsplit(lin.authorize(url)).query)
    return {name: values[0] for name, values in query.items()}


@pytest.mark.feature("C8")
def test_inside_wechat_the_person_is_known_without_typing(lin: Phone, sandbox: SandboxServer) -> None:
    sandbox.set_account(oauth_domain="127.0.0.1:8000")
    came = back(lin)
    assert came["to"] == "/m/coupons/?id=7" and len(came["state"]) <= 128
    login = ports.login().exchange(appid=APPID, nonce="session-secret", now=clock.now(), **came)
    assert login.openid == lin.openid() and not login.is_virtual
    with pytest.raises(Refused) as used:
        ports.login().exchange(appid=APPID, nonce="session-secret", now=clock.now(), **came)
    assert used.value.reason is LOGIN_FAILED


@pytest.mark.parametrize(
    "change", [{"to": "/m/other/"}, {"nonce": "another browser"}, {"state": "0-0"}, {"state": "zz"}, {"late": True}]
)
def test_a_login_that_was_not_begun_here_is_refused(lin: Phone, sandbox: SandboxServer, change: dict[str, Any]) -> None:
    sandbox.set_account(oauth_domain="127.0.0.1:8000")
    came = {"nonce": "session-secret", **back(lin)}
    now = clock.now() + timedelta(seconds=1000 if change.pop("late", False) else 0)
    with pytest.raises(Refused) as caught:
        ports.login().exchange(appid=APPID, now=now, **{**came, **change})
    assert caught.value.reason is BAD_LOGIN


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/\\evil.example", "m/", "/a\nb", ""])
def test_a_login_leads_nowhere_else(to: str) -> None:
    with pytest.raises(Refused) as caught:
        ports.login().authorize_url(appid=APPID, callback_url=CALLBACK, to=to, nonce="n", now=clock.now())
    assert caught.value.reason is BAD_LOGIN


def test_page_scripts_are_signed_as_the_platform_checks(sandbox: SandboxServer) -> None:
    from shangquan.connectors.wechat import crypt

    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    url = "http://mp.weixin.qq.com?params=value"
    assert crypt.page_signature(ticket, "Wm3WZYTPz0wzccnW", "1414587457", url) == (
        "0f9de62fce790f9a083d5c99e95740ceb90c27ed"
    )
    page = "http://127.0.0.1:8000/m/pay/?bill=1#top"
    made = ports.page().config(appid=APPID, url=page, now=clock.now())
    assert made["appId"] == APPID and made["signature"] == crypt.page_signature(
        client.page_ticket(APPID), made["nonceStr"], made["timestamp"], page.split("#")[0]
    )
    assert len(sandbox.calls(q="/cgi-bin/ticket/getticket")) == 1


def test_the_account_is_bound_to_one_district(district_id: int) -> None:
    assert connectors.district_of(Kind.ACCOUNT, APPID) == district_id
    assert messaging.account().appid == APPID and messaging.capability("pay")
