"""The address at which WeChat tells of messages and events, and wants its reply within 5 s."""

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from shangquan.connectors import door, keys
from shangquan.connectors.contracts import Kind
from shangquan.connectors.keys import AccountKeys
from shangquan.connectors.wechat import crypt, xml
from shangquan.connectors.wechat.crypt import NotFromWechat
from shangquan.kernel import clock, scope
from shangquan.kernel.transactions import transaction
from shangquan.messaging import door as messaging

log = logging.getLogger(__name__)
CLOCK_WINDOW_S = 300


@csrf_exempt
@require_http_methods(["GET", "POST"])
def server(request: HttpRequest, appid: str) -> HttpResponse:
    """GET proves to WeChat that this is ours; POST brings a message. What is not WeChat's gets 403 and leaves nothing."""
    district_id = door.district_of(Kind.ACCOUNT, appid)
    if district_id is None:
        return _refused("unknown account")
    account = keys.account(appid)
    try:
        _verify(request, account)
        if request.method == "GET":
            return HttpResponse(request.GET.get("echostr", ""), content_type="text/plain")
        fields, sealed = _opened(request, account)
        message = xml.incoming(appid, fields)
    except NotFromWechat as why:
        return _refused(str(why))
    now = clock.now()
    with scope.scope(district_id, actor=scope.SYSTEM), transaction():
        reply = messaging.receive(message, now=now)
    if reply is None:
        return HttpResponse("success", content_type="text/plain")
    clear = xml.reply(reply, to=message.openid, sender=str(fields.get("ToUserName", "")), now=now)
    body = _sealed(account, clear, str(int(now.timestamp()))) if sealed else clear
    return HttpResponse(body, content_type="application/xml; charset=utf-8")


def _verify(request: HttpRequest, account: AccountKeys) -> None:
    stamp, nonce = request.GET.get("timestamp", ""), request.GET.get("nonce", "")
    if not crypt.is_signed(request.GET.get("signature", ""), account.token, stamp, nonce):
        raise NotFromWechat("the signature is wrong")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise NotFromWechat("the timestamp is not a number")
    if abs(clock.now().timestamp() - int(stamp)) > CLOCK_WINDOW_S:
        raise NotFromWechat("the timestamp is more than 300 s away")


def _opened(request: HttpRequest, account: AccountKeys) -> tuple[dict[str, object], bool]:
    """The message and whether it came sealed. In safe mode a clear one is refused; a sealed one is always preferred."""
    fields = xml.read(request.body.decode("utf-8", "replace"))
    if request.GET.get("encrypt_type") != "aes":
        if account.mode == "safe":
            raise NotFromWechat("a clear message in safe mode")
        return fields, False
    sealed = str(fields.get("Encrypt", ""))
    stamp, nonce = request.GET.get("timestamp", ""), request.GET.get("nonce", "")
    if not crypt.is_signed(request.GET.get("msg_signature", ""), account.token, stamp, nonce, sealed):
        raise NotFromWechat("the message's signature is wrong")
    return xml.read(crypt.decrypt(account.aes_key, account.appid, sealed)), True


def _sealed(account: AccountKeys, clear: str, stamp: str) -> str:
    sealed, nonce = crypt.encrypt(account.aes_key, account.appid, clear), secrets.token_hex(8)
    return xml.write(
        {
            "Encrypt": sealed,
            "MsgSignature": crypt.signature(account.token, stamp, nonce, sealed),
            "TimeStamp": int(stamp),
            "Nonce": nonce,
        }
    )


def _refused(why: str) -> HttpResponse:
    log.warning("WeChat message refused: %s", why)
    return HttpResponse(why, status=403, content_type="text/plain")
