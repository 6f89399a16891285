"""The wallet of a phone: money goes out when an order is paid and comes back with a refund. Amounts in fen."""

from ..records import Order, User, WalletLine
from ..world import World


def yuan(fen: int) -> str:
    """``1234`` as ``12.34``."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def can_afford(world: World, user: User, amount_fen: int) -> bool:
    return not world.faults.take("balance_low") and user.balance_fen >= amount_fen


def move(world: World, user: User, order: Order, amount_fen: int, kind: str) -> None:
    """Change the balance by ``amount_fen`` for an order and write the line into the bill."""
    title = "微信支付凭证" if kind == "payment" else "退款到账通知"
    book(world, user, amount_fen, kind, order.description, order.transaction_id, title)


def book(world: World, user: User, amount_fen: int, kind: str, what: str, number: str, title: str) -> None:
    user.balance_fen += amount_fen
    line = WalletLine(
        id=world.ids.number(),
        user_id=user.id,
        kind=kind,
        title=what,
        amount_fen=amount_fen,
        balance_fen=user.balance_fen,
        at=world.clock.now(),
        transaction_id=number,
    )
    world.wallet_lines[str(line.id)] = line
    world.notify(user.id, kind, title, f"{what} ¥{yuan(abs(amount_fen))}")
    world.changes.tell("wallet", user.id)
