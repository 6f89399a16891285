"""Join the demo district to the platforms, once the web server answers: `python -m shangquan.demo.connect`, at each start.

Binds the merchant number and the official account, tells the platform where our callbacks live (which it verifies by
calling us), publishes the menu and puts two phones beside the district. All of it is repeatable.
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shangquan.config.settings")
django.setup()

import httpx  # noqa: E402
from django.conf import settings  # noqa: E402

from shangquan.codes import door as codes  # noqa: E402
from shangquan.connectors import door as connectors  # noqa: E402
from shangquan.kernel import clock, scope  # noqa: E402
from shangquan.kernel.transactions import transaction  # noqa: E402
from shangquan.messaging import door as messaging  # noqa: E402
from shangquan.messaging.contracts import AccountKind, Article, Reply  # noqa: E402
from shangquan.tenancy import door as tenancy  # noqa: E402

PHONES = ("林晓", "陈默")


def menu(base: str) -> dict[str, object]:
    """The account's menu: three columns, as a fan finds the district."""
    return {
        "button": [
            {"name": "领优惠券", "type": "click", "key": "shelf"},
            {"name": "我的", "sub_button": [
                {"type": "view", "name": "会员码", "url": f"{base}/m/card/"},
                {"type": "view", "name": "我的优惠券", "url": f"{base}/m/coupons/"},
                {"type": "view", "name": "我的积分", "url": f"{base}/m/points/"},
                {"type": "view", "name": "我的账单", "url": f"{base}/m/bills/"},
            ]},
            {"name": "逛街", "type": "view", "url": f"{base}/m/stores/"},
        ]
    }  # fmt: skip


def _replies() -> None:
    """What the account says by itself: the greeting, the menu's key, two questions that everybody asks."""
    shelf = codes.scenes(subject_kind="shelf")[-1]
    article = Article(title="周末亲子季 · 领券", description="40 家店的周末好价，领了就能用", url=shelf.url)
    messaging.save_reply_rule(
        keyword="@follow", reply=Reply(text="欢迎来到栖梧里。点下面的「领优惠券」，先把好价收进口袋。")
    )
    messaging.save_reply_rule(keyword="@away", reply=Reply(text="已经转给服务台，营业时间内会尽快回复你。"))
    messaging.save_reply_rule(keyword="shelf", reply=Reply(article=article), match="exact")
    messaging.save_reply_rule(keyword="券", reply=Reply(article=article))
    messaging.save_reply_rule(keyword="parking", reply=Reply(text="B2、B3 停车场，每小时 5 元，凭停车券可减。"))
    messaging.save_reply_rule(keyword="停车", reply=Reply(text="B2、B3 停车场，每小时 5 元，凭停车券可减。"))


def connect() -> None:
    keys = httpx.get(f"{settings.SANDBOX_URL}/_bench/api/credentials").json()
    appid, mchid = keys["account"]["appid"], keys["pay"]["mchid"]
    now = clock.now()
    with scope.scope(tenancy.by_slug("qiwuli").id):
        with transaction():
            connectors.bind(kind=connectors.Kind.PAY, outside_id=mchid, now=now)
            connectors.bind_official_account(
                appid=appid, name="栖梧里", kind=AccountKind.SERVICE, verified=True, now=now
            )
        told = httpx.post(
            f"{settings.SANDBOX_URL}/_bench/api/account",
            json={
                "name": "栖梧里",
                "url": f"{settings.BASE_URL}/wx/{appid}/",
                "token": keys["account"]["token"],
                "aes_key": keys["account"]["aes_key"],
                "mode": "safe",
                "oauth_domain": "127.0.0.1",
                "js_domain": "127.0.0.1",
            },
        )
        if told.is_error:
            sys.stderr.write(f"the platform did not accept our address: {told.text}\n")
            raise SystemExit(1)
        with transaction():
            messaging.save_menu(body=menu(settings.BASE_URL), now=now)
            _replies()
        messaging.set_up_templates()
        messaging.publish_menu(now=now)
    known = {user["name"] for user in httpx.get(f"{settings.SANDBOX_URL}/_phone/api/users").json()}
    for name in PHONES:
        if name not in known:
            httpx.post(f"{settings.SANDBOX_URL}/_phone/api/users", json={"name": name}).raise_for_status()


if __name__ == "__main__":
    connect()
