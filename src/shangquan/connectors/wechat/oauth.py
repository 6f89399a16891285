"""Fills `messaging.ports.LoginPort`: web login through WeChat (C8).

The browser goes to WeChat and comes back with a code and our `state`. The state is signed over where the person wanted
to go and a secret of this browser's session, so it can be neither made up, nor moved to another browser, nor led
elsewhere. Source: developers.weixin.qq.com, web authorisation.
"""

import hashlib
import hmac
from datetime import datetime
from urllib.parse import quote, urlencode

from django.conf import settings

from shangquan.connectors import keys
from shangquan.connectors.wechat import client
from shangquan.connectors.wechat.client import Silent, WechatError
from shangquan.kernel import personal
from shangquan.kernel.errors import Refused
from shangquan.messaging.contracts import BAD_LOGIN, LOGIN_FAILED, PLATFORM_SILENT, Login

LIFE_S = 900


class WechatLogin:
    def authorize_url(self, *, appid: str, callback_url: str, to: str, nonce: str, now: datetime) -> str:
        if not is_local(to):
            raise Refused(BAD_LOGIN)
        joint = "&" if "?" in callback_url else "?"
        query = urlencode(
            {
                "appid": appid,
                "redirect_uri": f"{callback_url}{joint}to={quote(to, safe='')}",
                "response_type": "code",
                "scope": "snsapi_base",
                "state": _state(appid, to, nonce, int(now.timestamp())),
            }
        )
        return f"{settings.WECHAT_OPEN_URL}/connect/oauth2/authorize?{query}#wechat_redirect"

    def exchange(self, *, appid: str, code: str, state: str, to: str, nonce: str, now: datetime) -> Login:
        if not is_local(to) or not _is_ours(state, appid, to, nonce, now):
            raise Refused(BAD_LOGIN)
        try:
            heard = client.request(
                "/sns/oauth2/access_token",
                appid=appid,
                secret=keys.account(appid).secret,
                code=code,
                grant_type="authorization_code",
            )
        except WechatError as no:
            raise Refused(LOGIN_FAILED, code=no.code) from no
        except Silent as why:
            raise Refused(PLATFORM_SILENT) from why
        openid = heard.get("openid")
        if not isinstance(openid, str) or not openid:
            raise Refused(LOGIN_FAILED)
        return Login(openid, str(heard.get("unionid", "")), is_virtual=heard.get("is_snapshotuser") == 1)


def is_local(to: str) -> bool:
    """A path of our own and nothing that a browser takes for another address."""
    if not to.startswith("/") or to.startswith(("//", "/\\")) or len(to) > 500:
        return False
    return all(ch.isprintable() for ch in to) and "\\" not in to


def _state(appid: str, to: str, nonce: str, stamp: int) -> str:
    """At most 128 characters: the time and a signature."""
    text = "\n".join((appid, to, nonce, str(stamp)))
    mac = hmac.new(personal.key("wechat-login"), text.encode(), hashlib.sha256).hexdigest()
    return f"{stamp:x}-{mac}"


def _is_ours(state: str, appid: str, to: str, nonce: str, now: datetime) -> bool:
    stamp_text = state.partition("-")[0]
    try:
        stamp = int(stamp_text, 16) if len(stamp_text) <= 12 else -1
    except ValueError:
        return False
    if not nonce or not 0 <= now.timestamp() - stamp + 1 <= LIFE_S:
        return False
    return hmac.compare_digest(_state(appid, to, nonce, stamp), state)
