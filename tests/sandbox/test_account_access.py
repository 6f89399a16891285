"""Tokens, web login in the phone and in an ordinary browser, the page script's signature, followers."""

import hashlib
import re
import time
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from superapp_sandbox.account import jssdk
from superapp_sandbox.testing import Phone, SandboxServer
from tests.sandbox.account import Product
from tests.sandbox.receiver import Receiver

CLASSIC = {"grant_type": "client_credential"}


@pytest.fixture
def product(sandbox: SandboxServer, receiver: Receiver) -> Product:
    made = Product(sandbox, receiver)
    sandbox.set_account(oauth_domain="mall.test", js_domain="mp.weixin.qq.com", unionid_bound=False)
    return made


def classic(product: Product, **other: str) -> dict[str, object]:
    query = CLASSIC | {"appid": product.appid, "secret": product.secret} | other
    answer = product.sandbox.client.get("/cgi-bin/token", params=query)
    assert answer.status_code == 200
    made: dict[str, object] = answer.json()
    return made


def works(product: Product, token: object) -> int:
    answer = product.sandbox.client.get("/cgi-bin/user/get", params={"access_token": str(token)})
    return int(answer.json().get("errcode", 0))


def test_classic_tokens_replace_each_other_after_an_overlap(sandbox: SandboxServer, product: Product) -> None:
    first, second = classic(product), classic(product)
    assert first["expires_in"] == 7200 and first["access_token"] != second["access_token"]
    assert [works(product, t["access_token"]) for t in (first, second)] == [0, 0]
    sandbox.time(advance_s=301)
    assert [works(product, t["access_token"]) for t in (first, second)] == [42001, 0]
    sandbox.time(advance_s=7200)
    assert works(product, second["access_token"]) == 42001


def test_stable_tokens_stay_and_are_apart(product: Product) -> None:
    first, again = product.access_token(), product.access_token()
    assert first == again
    classic(product)
    assert works(product, first) == 0
    body = {"grant_type": "client_credential", "appid": product.appid, "secret": product.secret, "force_refresh": True}
    forced = product.sandbox.client.post("/cgi-bin/stable_token", json=body).json()["access_token"]
    assert forced != first
    assert [works(product, t) for t in (first, forced)] == [42001, 0]


def test_errors_of_tokens(product: Product) -> None:
    assert classic(product, appid="wx_none", secret="x")["errcode"] == 40013
    assert classic(product, secret="x")["errcode"] == 40125
    assert works(product, "made_up") == 40001
    missing = product.sandbox.client.get("/cgi-bin/user/get").json()
    assert missing["errcode"] == 41001 and missing["errmsg"].startswith("access_token missing rid: ")


def authorize_url(product: Product, scope: str = "snsapi_base", back: str = "http://mall.test/back?x=1") -> str:
    return (
        f"{product.sandbox.url}/connect/oauth2/authorize?appid={product.appid}&redirect_uri={quote(back, safe='')}"
        f"&response_type=code&scope={scope}&state=S1#wechat_redirect"
    )


def exchange(product: Product, code: str) -> dict[str, str]:
    query = {"appid": product.appid, "secret": product.secret, "code": code, "grant_type": "authorization_code"}
    answer = product.sandbox.client.get("/sns/oauth2/access_token", params=query)
    assert answer.status_code == 200
    made: dict[str, str] = answer.json()
    return made


def test_silent_login_in_the_phone(sandbox: SandboxServer, product: Product, phone: Phone) -> None:
    back = urlsplit(phone.authorize(authorize_url(product)))
    query = parse_qs(back.query)
    assert (back.netloc, back.path, query["x"], query["state"]) == ("mall.test", "/back", ["1"], ["S1"])
    granted = exchange(product, query["code"][0])
    assert (granted["openid"], granted["scope"]) == (phone.openid(), "snsapi_base")
    assert "unionid" not in granted
    assert exchange(product, query["code"][0])["errcode"] == 40163
    assert exchange(product, "none")["errcode"] == 40029
    late = parse_qs(urlsplit(phone.authorize(authorize_url(product))).query)["code"][0]
    sandbox.time(advance_s=301)
    assert exchange(product, late)["errcode"] == 40029
    info = {"access_token": granted["access_token"], "openid": granted["openid"]}
    assert sandbox.client.get("/sns/userinfo", params=info).json()["errcode"] == 48001


def test_profile_login_asks_once(sandbox: SandboxServer, product: Product, phone: Phone) -> None:
    sandbox.set_account(unionid_bound=True)
    granted = exchange(
        product, parse_qs(urlsplit(phone.authorize(authorize_url(product, "snsapi_userinfo"))).query)["code"][0]
    )
    info = {"access_token": granted["access_token"], "openid": granted["openid"], "lang": "zh_CN"}
    shown = sandbox.client.get("/sns/userinfo", params=info).json()
    assert (shown["nickname"], shown["unionid"]) == ("小林", granted["unionid"])
    assert sandbox.client.get(shown["headimgurl"]).headers["content-type"].startswith("image/svg")
    # the second time nothing is asked: authorize() finds no form and is sent on at once
    with httpx.Client(base_url=sandbox.url, cookies={"sandbox_user": phone.id}, trust_env=False) as browser:
        assert browser.get(authorize_url(product, "snsapi_userinfo").split("#")[0]).status_code == 302
    refreshed = sandbox.client.get(
        "/sns/oauth2/refresh_token",
        params={"appid": product.appid, "grant_type": "refresh_token", "refresh_token": granted["refresh_token"]},
    ).json()
    assert refreshed["openid"] == granted["openid"]


def test_a_foreign_domain_is_refused(product: Product) -> None:
    page = product.sandbox.client.get(authorize_url(product, back="http://evil.test/x").split("#")[0])
    assert "域名" in page.text
    assert "域名" in product.sandbox.client.get(authorize_url(product, back="http://a.mall.test/").split("#")[0]).text


def test_the_phones_own_host_names_it(sandbox: SandboxServer, product: Product, phone: Phone) -> None:
    sandbox.set_account(oauth_domain="127.0.0.1:8000")
    url = authorize_url(product, back=f"http://{phone.id}.localhost:8000/back").split("#")[0]
    answer = sandbox.client.get(url)
    assert answer.status_code == 302
    code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
    assert exchange(product, code)["openid"] == phone.openid()


def test_an_ordinary_browser_logs_in_by_a_code(sandbox: SandboxServer, product: Product, phone: Phone) -> None:
    with httpx.Client(base_url=sandbox.url, trust_env=False) as browser:
        page = browser.get(authorize_url(product).split("#")[0])
        assert page.status_code == 200 and "<svg" in page.text
        said = re.search(r'data-text="([^"]+)"', page.text)
        login = re.search(r'data-login="([^"]+)"', page.text)
        assert said and login
        assert browser.get(f"/connect/login/{login[1]}").json() == {"status": "waiting"}
        scanned = phone.scan(said[1])
        assert scanned["kind"] == "url"
        assert "登录" in browser.get(scanned["open_url"]).text
        assert browser.get(f"/connect/login/{login[1]}").json() == {"status": "scanned"}
        phone.confirm_login(scanned)
        confirmed = browser.get(f"/connect/login/{login[1]}").json()
    code = parse_qs(urlsplit(confirmed["redirect"]).query)["code"][0]
    assert exchange(product, code)["openid"] == phone.openid()


def test_a_refused_and_an_old_login_code(sandbox: SandboxServer, product: Product, phone: Phone) -> None:
    page = sandbox.client.get(authorize_url(product).split("#")[0]).text
    said, login = page.split('data-text="')[1].split('"')[0], page.split('data-login="')[1].split('"')[0]
    phone.confirm_login(phone.scan(said), agree=False)
    assert sandbox.client.get(f"/connect/login/{login}").json() == {"status": "refused"}
    page = sandbox.client.get(authorize_url(product).split("#")[0]).text
    login = page.split('data-login="')[1].split('"')[0]
    sandbox.time(advance_s=301)
    assert sandbox.client.get(f"/connect/login/{login}").json() == {"status": "expired"}


def test_the_page_scripts_published_vector() -> None:
    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    signed = jssdk.page_signature(ticket, "Wm3WZYTPz0wzccnW", "1414587457", "http://mp.weixin.qq.com?params=value#top")
    assert signed == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


def test_a_pages_config_is_checked(sandbox: SandboxServer, product: Product) -> None:
    ticket = product.call("/cgi-bin/ticket/getticket", type="jsapi")["ticket"]
    assert product.call("/cgi-bin/ticket/getticket", type="jsapi")["ticket"] == ticket
    url, stamp = "http://mp.weixin.qq.com/page?a=1", str(int(time.time()))
    text = f"jsapi_ticket={ticket}&noncestr=n1&timestamp={stamp}&url={url}"
    config = {
        "appId": product.appid,
        "timestamp": stamp,
        "nonceStr": "n1",
        "signature": hashlib.sha1(text.encode()).hexdigest(),
        "url": url + "#part",
    }

    def check(**other: str) -> dict[str, object]:
        made: dict[str, object] = sandbox.post("/_phone/api/jssdk/check", **(config | other))
        return made

    assert check() == {"ok": True, "errMsg": "config:ok"}
    assert check(nonceStr="n2")["errMsg"] == "config:fail, invalid signature"
    assert check(url="http://other.test/")["errMsg"] == "config:fail, invalid url domain"
    sandbox.time(advance_s=7300)
    assert check()["ok"] is False


def test_followers(sandbox: SandboxServer, product: Product, phone: Phone) -> None:
    openid = phone.openid()
    assert product.call("/cgi-bin/user/info", openid=openid) == {"subscribe": 0, "openid": openid, "tagid_list": []}
    phone.follow()
    shown = product.call("/cgi-bin/user/info", openid=openid)
    assert shown["subscribe"] == 1 and "nickname" not in shown
    assert product.call("/cgi-bin/user/get")["data"]["openid"] == [openid]
    assert product.call("/cgi-bin/user/info", openid="oNobody")["errcode"] == 40003
    remark = {"openid": openid, "remark": "VIP"}
    assert product.call("/cgi-bin/user/info/updateremark", remark)["errcode"] == 0
    batch = product.call("/cgi-bin/user/info/batchget", {"user_list": [{"openid": openid}]})
    assert batch["user_info_list"][0]["remark"] == "VIP"


def test_faults_of_the_account(sandbox: SandboxServer, product: Product) -> None:
    sandbox.faults(account_errcode=45009)
    assert product.call("/cgi-bin/user/get")["errcode"] == 45009
    sandbox.faults(token_expired=True)
    assert product.call("/cgi-bin/user/get")["errcode"] == 42001
    assert product.call("/cgi-bin/user/get").get("errcode", 0) == 0
