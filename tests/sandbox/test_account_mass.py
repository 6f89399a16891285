"""Mass messages with their limits, and what an account may do by its kind."""

import pytest

from superapp_sandbox.testing import Phone, SandboxServer, wait_until
from tests.sandbox.account import Json, Product
from tests.sandbox.receiver import Receiver


@pytest.fixture
def product(sandbox: SandboxServer, receiver: Receiver) -> Product:
    sandbox.time(scale=100)
    return Product(sandbox, receiver)


def draft(product: Product) -> str:
    thumb = product.sandbox.client.post(
        "/cgi-bin/material/add_material",
        params={"access_token": product.access_token(), "type": "image"},
        files={"media": ("a.png", b"picture", "image/png")},
    ).json()
    article = {
        "title": "周末券货架",
        "digest": "满100减20",
        "content": "<p>本周末</p><script>alert(1)</script>",
        "content_source_url": "http://mall.test/shelf",
        "thumb_media_id": thumb["media_id"],
    }
    assert product.call("/cgi-bin/draft/add", {"articles": [article | {"thumb_media_id": "x"}]})["errcode"] == 40007
    return str(product.call("/cgi-bin/draft/add", {"articles": [article]})["media_id"])


def test_articles_reach_named_followers(sandbox: SandboxServer, product: Product, phone: Phone) -> None:
    other = sandbox.phone("阿宁")
    phone.follow()
    other.follow()
    body: Json = {"msgtype": "mpnews", "mpnews": {"media_id": draft(product)}, "clientmsgid": "c1"}
    path = "/cgi-bin/message/mass/send"
    assert product.call(path, body | {"touser": [phone.openid()]})["errcode"] == 40130
    sent = product.call(path, body | {"touser": [phone.openid(), other.openid()]})
    assert sent["errcode"] == 0
    again = product.call(path, body | {"touser": [phone.openid(), other.openid()]})
    assert (again["errcode"], again["msg_id"]) == (45065, sent["msg_id"])
    finished = wait_until(lambda: product.events("MASSSENDJOBFINISH"))[0]
    assert (finished["MsgID"], finished["TotalCount"], finished["SentCount"]) == (str(sent["msg_id"]), "2", "2")
    article = phone.received("news")[0]["body"]["articles"][0]
    assert article["title"] == "周末券货架" and len(other.received("news")) == 1
    page = sandbox.client.get(article["url"])
    assert "http://mall.test/shelf" in page.text and "script-src" not in page.headers["content-security-policy"]
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert product.call("/cgi-bin/message/mass/get", {"msg_id": sent["msg_id"]})["msg_status"] == "SEND_SUCCESS"


def test_the_fifth_of_a_month_is_left_out(sandbox: SandboxServer, product: Product, phone: Phone) -> None:
    phone.follow()
    body = {"filter": {"is_to_all": True}, "msgtype": "text", "text": {"content": "你好"}}
    for _ in range(5):
        assert product.call("/cgi-bin/message/mass/sendall", body)["errcode"] == 0
    finished = wait_until(lambda: f if len(f := product.events("MASSSENDJOBFINISH")) == 5 else None)
    assert sorted(f["SentCount"] for f in finished) == ["0", "1", "1", "1", "1"]
    assert len(phone.received("text")) == 4
    preview = {"touser": phone.openid(), "msgtype": "text", "text": {"content": "预览"}}
    assert product.call("/cgi-bin/message/mass/preview", preview)["errcode"] == 0
    sandbox.time(advance_s=32 * 86400)
    product.call("/cgi-bin/message/mass/sendall", body)
    wait_until(lambda: len(phone.received("text")) == 6)


def test_a_subscription_account_sends_once_a_day(sandbox: SandboxServer, product: Product, phone: Phone) -> None:
    sandbox.set_account(kind="subscription")
    phone.follow()
    body = {"filter": {"is_to_all": True}, "msgtype": "text", "text": {"content": "早安"}}
    assert product.call("/cgi-bin/message/mass/sendall", body)["errcode"] == 0
    assert product.call("/cgi-bin/message/mass/sendall", body)["errcode"] == 45028
    sandbox.time(advance_s=86400)
    assert product.call("/cgi-bin/message/mass/sendall", body)["errcode"] == 0


def test_rights_follow_kind_and_verification(sandbox: SandboxServer, product: Product) -> None:
    menu = {"button": [{"type": "click", "name": "A", "key": "k"}]}
    code = {"action_name": "QR_SCENE", "action_info": {"scene": {"scene_id": 1}}}
    calls = (
        ("/cgi-bin/menu/create", menu),
        ("/cgi-bin/qrcode/create", code),
        ("/cgi-bin/template/get_all_private_template", None),
        ("/cgi-bin/user/get", None),
    )

    def answers() -> list[int]:
        return [product.call(path, body).get("errcode", 0) for path, body in calls]

    assert answers() == [0, 0, 0, 0]
    sandbox.set_account(verified=False)
    assert answers() == [0, 48001, 48001, 48001]
    sandbox.set_account(kind="subscription", verified=True)
    assert answers() == [0, 48001, 48001, 0]
    sandbox.set_account(verified=False)
    assert answers() == [48001, 48001, 48001, 48001]
    sandbox.set_account(oauth_domain="mall.test")
    login = sandbox.client.get(
        f"/connect/oauth2/authorize?appid={product.appid}&redirect_uri=http%3A%2F%2Fmall.test%2F"
        "&response_type=code&scope=snsapi_base&state=x"
    )
    assert "10005" in login.text
