"""Pure decisions of the consumer's pages."""

import re

from shangquan.kernel.errors import Refused
from shangquan.memberapp.contracts import BAD_AMOUNT

_AMOUNT = re.compile(r"^(\d{1,5})(?:\.(\d{1,2}))?$")
_WIDE = str.maketrans("０１２３４５６７８９．", "0123456789.")
MOST_FEN = 5_000_000


def local_path(text: str | None, default: str) -> str:
    """A path of our own pages, else `default`: whatever a browser would take for another address is not one."""
    if not text or len(text) > 500 or not text.startswith("/m/"):
        return default
    return text if text.isprintable() and "\\" not in text and "//" not in text.partition("?")[0] else default


def fen_from(text: str) -> int:
    """'158', '158.5', '158.50' as a person types yuan, in fen. Refuses O-4009."""
    found = _AMOUNT.match(text.translate(_WIDE).replace(",", "").replace("¥", "").strip())
    amount = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else 0
    if not 1 <= amount <= MOST_FEN:
        raise Refused(BAD_AMOUNT)
    return amount


def greeting(hour: int) -> tuple[str, str]:
    """By the hour of the district's clock."""
    for until, zh, en in ((5, "夜深了", "Good night"), (11, "早上好", "Good morning"), (13, "中午好", "Good day")):
        if hour < until:
            return zh, en
    if hour < 17:
        return "下午好", "Good afternoon"
    return ("傍晚好", "Good evening") if hour < 19 else ("晚上好", "Good evening")
