"""What the consumer's pages refuse by themselves; everything else is refused by the rooms they ask."""

from shangquan.kernel.errors import Reason

BAD_NEXT = Reason("O-4008", "bad_next", 400, "要去的地址不对。", "The address to go on to is not one of ours.")
BAD_AMOUNT = Reason(
    "O-4009",
    "bad_amount",
    400,
    "金额写成 0.01 到 50000.00 元，最多两位小数。",
    "Write an amount between 0.01 and 50000.00 yuan with at most two decimals.",
)
IN_WECHAT_ONLY = Reason(
    "O-4038",
    "wechat_only",
    403,
    "请在微信里打开这一页再付款。",
    "Open this page inside WeChat to pay.",
)
LOGIN_GONE = Reason(
    "O-4108",
    "login_scene_gone",
    410,
    "这个登录码已过期，请刷新电脑上的码。",
    "This login code is over; refresh the page that shows it.",
)
