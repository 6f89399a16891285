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
