from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shangquan.kernel.errors import Reason


class Kind(StrEnum):
    PAY = "pay"  # a WeChat Pay merchant (mchid)
    ACCOUNT = "account"  # an Official Account (appid)


@dataclass(frozen=True)
class ConnectedCard:
    id: int
    kind: Kind
    outside_id: str
    bound_at: datetime


NO_KEYS = Reason(
    "W-4041",
    "no_keys",
    404,
    "密钥文件里没有 {outside_id}。",
    "The key file knows nothing of {outside_id}.",
)
NOT_CONNECTED = Reason(
    "W-4031", "not_connected", 403, "这个商圈还没有接入微信{what}。", "This district is not connected to WeChat {what}."
)
BOUND_ELSEWHERE = Reason(
    "W-4091", "bound_elsewhere", 409, "{outside_id} 已经接入另一个商圈。", "{outside_id} is bound to another district."
)
BAD_STATE = Reason(
    "W-4001",
    "bad_login_state",
    400,
    "登录链接不对或已过期，请重新打开。",
    "This login link is wrong or over; open it again.",
)
LOGIN_FAILED = Reason(
    "W-4221", "login_failed", 422, "微信没有认出你，请重新打开。", "WeChat did not recognise you; open it again."
)
WECHAT_REFUSED = Reason(
    "W-4222", "wechat_refused", 422, "微信没有受理（{code}）：{message}", "WeChat did not accept it ({code}): {message}"
)
WECHAT_SILENT = Reason(
    "W-5031", "wechat_silent", 503, "微信暂时没有回应，请稍后再试。", "WeChat does not answer at the moment; try again."
)
