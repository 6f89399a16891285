"""What a shift took and gave back by channel, and what should be there."""

from collections.abc import Iterable, Mapping

from shangquan.pos.contracts import ChannelTotal

CASH = "cash"
_ORDER = ("cash", "wechat_code", "wechat_native", "wechat_jsapi", "none")


def channel_totals(
    sales: Iterable[tuple[str, int, int]],
    returns: Iterable[tuple[str, int, int]],
    opening_cash_fen: int,
    counted: Mapping[str, int],
) -> tuple[ChannelTotal, ...]:
    """`sales` and `returns` are (channel, count, fen). Expected = sales − returns, for cash with the opening cash.

    Cash always has a line, a channel without any movement has none.
    """
    sold = {channel: (count, fen) for channel, count, fen in sales}
    back = {channel: (count, fen) for channel, count, fen in returns}
    channels = sorted({CASH, *sold, *back}, key=lambda name: (_ORDER.index(name) if name in _ORDER else 9, name))
    return tuple(
        _total(name, sold.get(name, (0, 0)), back.get(name, (0, 0)), opening_cash_fen, counted) for name in channels
    )


def _total(
    name: str, sold: tuple[int, int], back: tuple[int, int], opening_cash_fen: int, counted: Mapping[str, int]
) -> ChannelTotal:
    opening = opening_cash_fen if name == CASH else 0
    return ChannelTotal(name, *sold, *back, opening + sold[1] - back[1], counted.get(name))
