"""Refunds: the rules both versions share, and how a refund comes to its end."""

from ..records import Merchant, Order, Refund
from ..world import World
from . import money, notify

MOST_REFUNDS = 50
WITHIN_S = 365 * 86400
TAKES_S = 2.0  # sandbox seconds from accepted to arrived


def why_not(world: World, order: Order, total: int, amount: int) -> str:
    """Why this order cannot be refunded by ``amount`` fen; empty when it can."""
    if order.state not in ("SUCCESS", "REFUND"):
        return "订单未支付或已撤销，不能退款"
    if total != order.total:
        return "订单金额与支付金额不一致"
    if amount < 1:
        return "退款金额必须大于零"
    if amount > order.total - order.refunded:
        return "累计退款金额大于支付金额"
    if len(world.refunds_of(order.transaction_id)) >= MOST_REFUNDS:
        return "一笔订单最多退款50次"
    if world.clock.now() > order.paid_at + WITHIN_S:
        return "订单已超过可退款期限"
    return ""


def start(world: World, merchant: Merchant, order: Order, made: Refund) -> None:
    """Take the refund in; the money is reserved now and arrives a little later."""
    order.refunded += made.amount
    order.state = "REFUND"
    world.keep_refund(made)
    world.deliver.run(_finish_later(world, made))


def new_refund_id(world: World) -> str:
    """28 digits beginning with 503."""
    return "503" + world.ids.digits(25)


async def _finish_later(world: World, made: Refund) -> None:
    await world.clock.sleep(TAKES_S)
    finish(world, made)


def finish(world: World, made: Refund) -> None:
    order = world.orders[made.transaction_id]
    if made.status != "PROCESSING":
        return
    made.finished_at = world.clock.now()
    if world.faults.take("refund_abnormal"):
        made.status = "ABNORMAL"
    else:
        made.status = "SUCCESS"
        money.move(world, world.users[order.user_id], order, made.amount, "refund")
    notify.refund(world, made)
