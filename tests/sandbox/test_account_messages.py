"""Messages both ways: modes, events, replies, retries, windows, templates."""

import time

import pytest

from superapp_sandbox.account import crypt
from superapp_sandbox.testing import Phone, Refused, SandboxServer, wait_until
from tests.sandbox.account import Product
from tests.sandbox.receiver import Receiver

TEXT = "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[欢迎光临]]></Content>"
NEWS = (
    "<MsgType><![CDATA[news]]></MsgType><ArticleCount>1</ArticleCount><Articles><item><Title><![CDATA[周末]]></Title>"
    "<Description><![CDATA[满减]]></Description><PicUrl><![CDATA[http://p/1.png]]></PicUrl>"
    "<Url><![CDATA[http://p/1]]></Url></item></Articles>"
)


@pytest.fixture
def product(sandbox: SandboxServer, receiver: Receiver) -> Product:
    return Product(sandbox, receiver)


def test_encryption_against_an_independent_writing_of_it(sandbox: SandboxServer, receiver: Receiver) -> None:
    product = Product(sandbox, receiver)
    for text in ("", "a", "商圈" * 40, "x" * 500):
        sealed = crypt.encrypt(product.aes_key, product.appid, text, b"0123456789abcdef")
        assert product.decrypt(sealed) == text
        assert crypt.decrypt(product.aes_key, product.appid, product.encrypt(text)) == text
    with pytest.raises(ValueError, match="appid"):
        crypt.decrypt(product.aes_key, "wx_other", product.encrypt("x"))


def test_an_address_that_does_not_echo_is_refused(sandbox: SandboxServer, receiver: Receiver) -> None:
    receiver.answer = lambda _: (200, "hello")
    with pytest.raises(Refused, match="URL_NOT_VERIFIED"):
        sandbox.set_account(url=receiver.url, token="t")
    assert receiver.url not in sandbox.credentials()["account"]["url"]


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
def test_following_and_talking_in_each_mode(
    sandbox: SandboxServer, receiver: Receiver, phone: Phone, mode: str
) -> None:
    product = Product(sandbox, receiver, mode)
    product.reply = TEXT
    phone.follow()
    subscribed = product.events("subscribe")[0]
    assert subscribed["FromUserName"] == phone.openid() and subscribed["ToUserName"] == product.name
    phone.say("优惠")
    assert product.heard[-1]["Content"] == "优惠" and int(product.heard[-1]["MsgId"]) > 0
    assert [m["body"]["content"] for m in phone.received("text")] == ["欢迎光临", "欢迎光临"]
    clear_text_travels = "优惠" in receiver.posts()[-1].body
    assert clear_text_travels is (mode != "safe")
    product.reply = NEWS
    phone.say("图文")
    assert phone.received("news")[0]["body"]["articles"] == [
        {"title": "周末", "description": "满减", "picurl": "http://p/1.png", "url": "http://p/1"}
    ]
    phone.unfollow()
    assert len(product.events("unsubscribe")) == 1


def test_a_clear_reply_in_safe_mode_shows_an_error(sandbox: SandboxServer, receiver: Receiver, phone: Phone) -> None:
    product = Product(sandbox, receiver, "safe")
    phone.follow()
    receiver.answer = lambda _: (200, "<xml><MsgType>text</MsgType><Content>x</Content></xml>")
    phone.say("hi")
    assert "故障" in phone.received("system")[-1]["body"]["content"]
    assert product.mode == "safe"


def test_three_tries_then_an_error_in_the_chat(
    sandbox: SandboxServer, product: Product, receiver: Receiver, phone: Phone
) -> None:
    phone.follow()
    before = len(receiver.posts())
    receiver.answer = lambda _: (500, "")
    phone.say("在吗")
    tries = receiver.wait(before + 3)[before:]
    assert len({t.body.split("<MsgId>")[1][:20] for t in tries}) == 1
    receiver.stay_at(before + 3)
    assert "故障" in phone.received("system")[-1]["body"]["content"]


def test_a_slow_answer_is_tried_again_and_the_late_one_is_lost(
    sandbox: SandboxServer, product: Product, receiver: Receiver, phone: Phone
) -> None:
    phone.follow()
    before = len(receiver.posts())
    product.reply = TEXT
    quick = product.answer

    def slow_once(seen: object) -> tuple[int, str]:
        if len(receiver.posts()) == before + 1:
            time.sleep(0.7)
        return quick(seen)  # type: ignore[arg-type]

    receiver.answer = slow_once
    sandbox.time(answer_within_s=0.4)
    phone.say("在吗")
    receiver.wait(before + 2)
    phone.wait_received("text", 1)
    time.sleep(0.5)
    assert len(phone.received("text")) == 1


def test_parametric_codes(sandbox: SandboxServer, product: Product, phone: Phone) -> None:
    made = product.call(
        "/cgi-bin/qrcode/create",
        {"expire_seconds": 600, "action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "store:7"}}},
    )
    assert made["expire_seconds"] == 600
    picture = sandbox.client.get("/cgi-bin/showqrcode", params={"ticket": made["ticket"]})
    assert picture.headers["content-type"] == "image/png" and picture.content.startswith(b"\x89PNG")
    assert sandbox.client.get("/cgi-bin/showqrcode", params={"ticket": "none"}).status_code == 404
    assert phone.scan(made["url"])["event"] == "subscribe"
    subscribed = product.events("subscribe")[0]
    assert (subscribed["EventKey"], subscribed["Ticket"]) == ("qrscene_store:7", made["ticket"])
    assert phone.scan(made["url"])["event"] == "SCAN"
    assert product.events("SCAN")[0]["EventKey"] == "store:7"
    sandbox.time(advance_s=601)
    with pytest.raises(Refused, match="CODE_EXPIRED"):
        phone.scan(made["url"])


def test_permanent_codes_and_wrong_ones(product: Product) -> None:
    body = {"action_name": "QR_LIMIT_SCENE", "action_info": {"scene": {"scene_id": 100000}}}
    first, again = product.call("/cgi-bin/qrcode/create", body), product.call("/cgi-bin/qrcode/create", body)
    assert first["ticket"] == again["ticket"] and "expire_seconds" not in first
    for action, scene in (
        ("QR_LIMIT_SCENE", {"scene_id": 100001}),
        ("QR_SCENE", {"scene_id": 0}),
        ("QR_STR_SCENE", {"scene_str": "x" * 65}),
        ("QR_OTHER", {"scene_id": 1}),
    ):
        wrong = product.call("/cgi-bin/qrcode/create", {"action_name": action, "action_info": {"scene": scene}})
        assert wrong["errcode"] == 40053


def test_the_window_after_a_text_is_five_in_48_hours(sandbox: SandboxServer, product: Product, phone: Phone) -> None:
    openid = phone.openid()
    assert product.write(openid) == 45015  # not following
    phone.follow()
    sandbox.time(advance_s=61)
    assert product.write(openid) == 45015  # the minute after following is over
    phone.say("你好")
    assert [product.write(openid) for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    assert len(phone.received("text")) == 5
    phone.say("还在")
    sandbox.time(advance_s=48 * 3600 + 1)
    assert product.write(openid) == 45015


def test_the_window_after_an_act_is_three_in_one_minute(sandbox: SandboxServer, product: Product, phone: Phone) -> None:
    phone.follow()
    openid = phone.openid()
    assert [product.write(openid) for _ in range(4)] == [0, 0, 0, 45047]
    sandbox.time(advance_s=60)
    assert product.write(openid) == 45015
    assert product.write("oNobody") == 40003


def test_the_menu(sandbox: SandboxServer, product: Product, phone: Phone) -> None:
    assert product.call("/cgi-bin/menu/get")["errcode"] == 46003
    menu = {
        "button": [
            {"type": "click", "name": "今日优惠", "key": "TODAY"},
            {"name": "会员", "sub_button": [{"type": "view", "name": "我的卡包", "url": "http://mall.test/cards"}]},
        ]
    }
    assert product.call("/cgi-bin/menu/create", menu)["errcode"] == 0
    assert product.call("/cgi-bin/menu/get")["menu"]["button"] == menu["button"]
    phone.follow()
    product.reply = TEXT
    pressed = phone.menu("TODAY")
    assert pressed["messages"][-1]["body"] == {"content": "欢迎光临"}
    assert product.events("CLICK")[0]["EventKey"] == "TODAY"
    assert phone.menu("http://mall.test/cards")["open_url"] == "http://mall.test/cards"
    wait_until(lambda: product.events("VIEW"))
    with pytest.raises(Refused, match="BUTTON_UNKNOWN"):
        phone.menu("OTHER")
    wrong: list[tuple[object, int]] = [
        ([], 40016),
        ([{"type": "click", "name": "A", "key": "k"}] * 4, 40016),
        ([{"type": "click", "name": "超过十六个字节的名", "key": "k"}], 40018),
        ([{"type": "click", "name": "A", "key": "k" * 129}], 40019),
        ([{"type": "view", "name": "A", "url": "http://x/" + "y" * 1024}], 40020),
        ([{"type": "fly", "name": "A", "key": "k"}], 40017),
        ([{"name": "A", "sub_button": [{"type": "click", "name": "B", "key": "k"}] * 6}], 40023),
    ]
    for button, errcode in wrong:
        assert product.call("/cgi-bin/menu/create", {"button": button})["errcode"] == errcode
    assert product.call("/cgi-bin/menu/get")["menu"]["button"] == menu["button"]
    assert product.call("/cgi-bin/menu/delete")["errcode"] == 0
    assert sandbox.get(f"/_phone/api/users/{phone.id}/chats/{product.appid}")["menu"] is None


def test_a_conditional_menu_shows_for_its_tag(sandbox: SandboxServer, product: Product, phone: Phone) -> None:
    phone.follow()
    tag = product.call("/cgi-bin/tags/create", {"tag": {"name": "金卡"}})["tag"]["id"]
    default = {"button": [{"type": "click", "name": "普通", "key": "A"}]}
    gold = {"button": [{"type": "click", "name": "金卡", "key": "B"}], "matchrule": {"tag_id": str(tag)}}
    assert product.call("/cgi-bin/menu/addconditional", gold)["errcode"] == 65303
    product.call("/cgi-bin/menu/create", default)
    assert product.call("/cgi-bin/menu/addconditional", gold)["menuid"]
    path = f"/_phone/api/users/{phone.id}/chats/{product.appid}"
    assert sandbox.get(path)["menu"] == default
    tagged = {"openid_list": [phone.openid()], "tagid": tag}
    assert product.call("/cgi-bin/tags/members/batchtagging", tagged)["errcode"] == 0
    assert sandbox.get(path)["menu"]["button"][0]["key"] == "B"
    assert product.call("/cgi-bin/tags/get")["tags"][0]["count"] == 1
    assert product.call("/cgi-bin/user/info", openid=phone.openid())["tagid_list"] == [tag]


def test_templates(sandbox: SandboxServer, product: Product, phone: Phone) -> None:
    template_id = product.call("/cgi-bin/template/api_add_template", {"template_id_short": "43003"})["template_id"]
    data = {
        "number1": {"value": "+120"},
        "number2": {"value": "980"},
        "thing3": {"value": "消费积分"},
        "time4": {"value": "2026年11月22日 18:00"},
    }
    body = {"touser": phone.openid(), "template_id": template_id, "url": "http://mall.test/points", "data": data}
    path = "/cgi-bin/message/template/send"
    assert product.call(path, body)["errcode"] == 43004
    phone.follow()
    assert product.call(path, body | {"template_id": "none"})["errcode"] == 40037
    assert product.call(path, body | {"data": {"number1": {"value": "1"}}})["errcode"] == 47003
    sandbox.time(scale=50)
    sent = product.call(path, body | {"client_msg_id": "m1"})
    assert product.call(path, body | {"client_msg_id": "m1"})["msgid"] == sent["msgid"]
    card = phone.wait_received("template")[0]["body"]
    assert (card["title"], card["url"]) == ("积分变动提醒", "http://mall.test/points")
    assert card["lines"][0] == {"label": "变动积分", "value": "+120", "field": "number1"}
    finished = wait_until(lambda: product.events("TEMPLATESENDJOBFINISH"))[0]
    assert (finished["MsgID"], finished["Status"]) == (str(sent["msgid"]), "success")
    phone.settings(rejects_templates=True)
    product.call(path, body)
    blocked = wait_until(lambda: product.events("TEMPLATESENDJOBFINISH")[1:])[0]
    assert blocked["Status"] == "failed:user block"
    assert len(phone.received("template")) == 1


def test_location(product: Product, phone: Phone) -> None:
    phone.follow()
    phone.settings(lat=31.2, lng=121.5)
    phone.locate()
    assert product.events("LOCATION")[0]["Latitude"] == "31.200000"
