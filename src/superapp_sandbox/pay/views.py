"""Orders and refunds as version 3 shows them."""

from ..clock import rfc3339
from ..records import Json, Order, Refund, Transfer
from ..world import World

STATE_TEXT = {
    "NOTPAY": "订单未支付",
    "USERPAYING": "需要用户输入支付密码",
    "SUCCESS": "支付成功",
    "REFUND": "订单发生过退款，退款详情请查询退款单",
    "CLOSED": "订单已关闭",
    "REVOKED": "订单已撤销",
    "PAYERROR": "支付失败，请重新下单支付",
}


def transaction(world: World, order: Order) -> Json:
    """The query answer, which is also what a payment callback carries."""
    shown: Json = {
        "appid": order.appid,
        "mchid": order.mchid,
        "out_trade_no": order.out_trade_no,
        "trade_state": order.state,
        "trade_state_desc": STATE_TEXT[order.state],
        "amount": {"total": order.total, "currency": "CNY"},
    }
    if order.attach:
        shown["attach"] = order.attach
    if order.openid:
        shown["payer"] = {"openid": order.openid}
    if order.paid_at:
        shown |= {
            "transaction_id": order.transaction_id,
            "trade_type": order.kind,
            "bank_type": "OTHERS",
            "success_time": rfc3339(order.paid_at),
            "promotion_detail": [],
        }
        shown["amount"] |= {"payer_total": order.total, "payer_currency": "CNY"}
    return shown


def refund(world: World, made: Refund) -> Json:
    """The answer to a refund and to its query."""
    order = world.orders[made.transaction_id]
    shown: Json = {
        "refund_id": made.refund_id,
        "out_refund_no": made.out_refund_no,
        "transaction_id": made.transaction_id,
        "out_trade_no": order.out_trade_no,
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "create_time": rfc3339(made.created_at),
        "status": made.status,
        "funds_account": "AVAILABLE",
        "amount": {
            "total": order.total,
            "refund": made.amount,
            "from": [],
            "payer_total": order.total,
            "payer_refund": made.amount,
            "settlement_refund": made.amount,
            "settlement_total": order.total,
            "discount_refund": 0,
            "currency": "CNY",
            "refund_fee": 0,
        },
        "promotion_detail": [],
    }
    if made.status == "SUCCESS":
        shown["success_time"] = rfc3339(made.finished_at)
    return shown


def refund_notice(world: World, made: Refund) -> Json:
    """What a refund callback carries."""
    order = world.orders[made.transaction_id]
    shown: Json = {
        "mchid": made.mchid,
        "out_trade_no": order.out_trade_no,
        "transaction_id": made.transaction_id,
        "out_refund_no": made.out_refund_no,
        "refund_id": made.refund_id,
        "refund_status": made.status,
        "user_received_account": "支付用户零钱",
        "amount": {
            "total": order.total,
            "refund": made.amount,
            "payer_total": order.total,
            "payer_refund": made.amount,
        },
    }
    if made.status == "SUCCESS":
        shown["success_time"] = rfc3339(made.finished_at)
    return shown


def transfer(made: Transfer) -> Json:
    """The query answer of a merchant transfer."""
    shown: Json = {
        "mch_id": made.mchid,
        "out_bill_no": made.out_bill_no,
        "transfer_bill_no": made.transfer_bill_no,
        "appid": made.appid,
        "state": made.state,
        "transfer_amount": made.amount,
        "transfer_remark": made.remark,
        "openid": made.openid,
        "create_time": rfc3339(made.created_at),
        "update_time": rfc3339(made.updated_at),
    }
    return shown | ({"fail_reason": made.fail_reason} if made.fail_reason else {})


def transfer_notice(made: Transfer) -> Json:
    """What the callback of a finished transfer carries."""
    kept = ("out_bill_no", "transfer_bill_no", "state", "mch_id", "transfer_amount", "openid", "fail_reason")
    times = ("create_time", "update_time")
    return {k: v for k, v in transfer(made).items() if k in kept + times}
