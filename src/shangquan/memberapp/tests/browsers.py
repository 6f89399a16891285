"""Browsers of the tests: signed in without the walk through WeChat, which has tests of its own."""

import base64

from django.test import Client

from shangquan.kernel import clock, personal, scope

WECHAT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 MicroMessenger/8.0.49"


def signed_in(client: Client, member_id: int | None, openid: str = "") -> Client:
    kept = client.session
    kept["memberapp.member"] = {
        "district": scope.district_id(),
        "member": member_id,
        "openid": base64.b64encode(personal.seal("openid", openid)).decode() if openid else "",
        "until": clock.now().timestamp() + 1000,
    }
    kept.save()
    return client


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]
