"""Where WeChat Pay calls: 204 when kept, 401 when it is not surely WeChat's (nothing is kept then)."""

import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from shangquan.connectors import door, keys
from shangquan.connectors.contracts import Kind
from shangquan.connectors.wechatpay import notices
from shangquan.connectors.wechatpay.sign import NotFromWechat
from shangquan.kernel import inbox, scope
from shangquan.kernel.transactions import transaction

log = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def notify(request: HttpRequest, mchid: str) -> HttpResponse:
    """Payments and refunds. Ten repeats are kept once; WeChat is answered before anything is done with it."""
    district_id = door.district_of(Kind.PAY, mchid)
    if district_id is None:
        return _refused("unknown merchant")
    merchant = keys.pay(mchid)
    try:
        outside_id = notices.verified(merchant, dict(request.headers), request.body)
    except NotFromWechat as why:
        return _refused(str(why))
    with scope.scope(district_id, actor=scope.SYSTEM), transaction():
        inbox.receive(
            source=notices.SOURCE,
            outside_id=outside_id,
            body=request.body.decode(),
            headers=notices.kept_headers(merchant, dict(request.headers)),
        )
    return HttpResponse(status=204)


def _refused(why: str) -> HttpResponse:
    log.warning("WeChat Pay callback refused: %s", why)
    return JsonResponse({"code": "FAIL", "message": why}, status=401)
