"""How a value is written for a reader: sums, points, percents, days, masked people. Pure; the language is an argument.

Sums are integer fen. Refuses nothing: a value of None is written as a dash, because a page must still draw.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

MINUS = "−"
DASH = "—"
WEEKDAYS_ZH = "一二三四五六日"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def fen_bare(fen: int | None) -> str:
    """15800 -> 158.00; -3000 -> −30.00; for table cells whose head carries the unit."""
    if fen is None:
        return DASH
    yuan, cents = divmod(abs(fen), 100)
    return f"{MINUS if fen < 0 else ''}{yuan:,}.{cents:02d}"


def fen(amount: int | None) -> str:
    """15800 -> ¥158.00; -3000 -> −¥30.00."""
    if amount is None:
        return DASH
    return f"{MINUS if amount < 0 else ''}¥{fen_bare(abs(amount))}"


def fen_signed(amount: int | None) -> str:
    """1800 -> +¥18.00; -3000 -> −¥30.00; 0 -> ¥0.00. For lines of a sum."""
    return f"+{fen(amount)}" if amount is not None and amount > 0 else fen(amount)


def fen_face(amount: int) -> str:
    """The number on a coupon face: 2000 -> 20, 1250 -> 12.50. The sign ¥ is drawn by the ticket."""
    return f"{amount // 100:,}" if amount % 100 == 0 else fen_bare(amount)


def fen_short(amount: int, language: str) -> str:
    """For plots: 48632000 -> 48.6 万 in Chinese, 486.3k in English; under ten thousand yuan in whole yuan."""
    yuan = Decimal(amount) / 100
    if abs(yuan) < 10_000:
        return f"{MINUS if yuan < 0 else ''}{_rounded(abs(yuan), 0):,}"
    divisor, unit = (1_000, "k") if is_english(language) else (10_000, " 万")
    return f"{MINUS if yuan < 0 else ''}{_rounded(abs(yuan) / divisor, 1):,}{unit}"


def whole(number: int | None) -> str:
    """3280 -> 3,280; -3280 -> −3,280."""
    if number is None:
        return DASH
    return f"{MINUS if number < 0 else ''}{abs(number):,}"


def percent1(ratio: float | Decimal | None) -> str:
    """0.684 -> 68.4%; a ratio, not a percentage, goes in."""
    if ratio is None:
        return DASH
    value = _rounded(Decimal(str(ratio)) * 100, 1)
    return f"{MINUS if value < 0 else ''}{abs(value):,}%"


def change_percent(ratio: float | Decimal) -> str:
    """The change of an amount: 0.124 -> +12.4%."""
    return f"+{percent1(ratio)}" if ratio > 0 else percent1(ratio)


def change_points(difference: float | Decimal, language: str) -> str:
    """The change of a percentage: -0.032 -> −3.2 点, −3.2 pts."""
    value = _rounded(Decimal(str(difference)) * 100, 1)
    sign = "+" if value > 0 else MINUS if value < 0 else ""
    return f"{sign}{abs(value)} {'pts' if is_english(language) else '点'}"


def discount(percent_paid: int, language: str) -> tuple[str, str]:
    """Number and unit where the customer pays `percent_paid` of 100: 85 -> ("8.5", "折") or ("15%", "off")."""
    if is_english(language):
        return f"{100 - percent_paid}%", "off"
    tenths, rest = divmod(percent_paid, 10)
    return (f"{tenths}.{rest}" if rest else f"{tenths}"), "折"


def zhe(percent_paid: int, language: str) -> str:
    """85 -> 8.5 折 in Chinese, 15% off in English."""
    return " ".join(discount(percent_paid, language))


def day(value: date, *, today: date, language: str, weekday: bool = False) -> str:
    """11月22日 周日, with the year if it is not this one; Sun 22 Nov in English."""
    if is_english(language):
        text = f"{value.day} {MONTHS_EN[value.month - 1]}"
        text += "" if value.year == today.year else f" {value.year}"
        return f"{WEEKDAYS_EN[value.weekday()]} {text}" if weekday else text
    text = f"{value.month}月{value.day}日"
    text = text if value.year == today.year else f"{value.year}年{text}"
    return f"{text} 周{WEEKDAYS_ZH[value.weekday()]}" if weekday else text


def day_range(first: date, last: date, *, today: date, language: str) -> str:
    """11月20日–11月30日; 20 Nov – 30 Nov in English."""
    dash = " – " if is_english(language) else "–"
    return dash.join(day(value, today=today, language=language) for value in (first, last))


def when(local: datetime, *, now: datetime, language: str) -> str:
    """刚刚, 5 分钟前, 今天 18:24, 昨天 18:24, then the date and time. Both times in the district's zone."""
    english = is_english(language)
    age = now - local
    if timedelta(0) <= age < timedelta(minutes=1):
        return "just now" if english else "刚刚"
    if timedelta(0) <= age < timedelta(hours=1):
        minutes = int(age.total_seconds() // 60)
        return f"{minutes} min ago" if english else f"{minutes} 分钟前"
    clock = f"{local:%H:%M}"
    named = {0: ("今天", "today"), 1: ("昨天", "yesterday"), -1: ("明天", "tomorrow")}
    days = (now.date() - local.date()).days
    if days in named:
        return f"{named[days][english]} {clock}"
    return f"{day(local.date(), today=now.date(), language=language)} {clock}"


def rest_of(seconds: int) -> str:
    """A countdown's number: 5712 -> 01:35:12, 12 -> 00:12; never negative."""
    left = max(0, seconds)
    hours, minutes, rest = left // 3600, left // 60 % 60, left % 60
    return f"{hours:02d}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"


def mask_phone(phone: str) -> str:
    """13800000042 -> 138****0042; short numbers keep their last two digits only."""
    digits = phone.strip()
    if len(digits) < 7:
        return "*" * max(0, len(digits) - 2) + digits[-2:]
    return f"{digits[:-8]}****{digits[-4:]}" if len(digits) >= 11 else f"****{digits[-4:]}"


def mask_name(name: str) -> str:
    """林晓 -> 林**; Mary Lee -> M**. The number of letters is not shown either."""
    return f"{name.strip()[:1]}**" if name.strip() else "**"


def mask_plate(plate: str) -> str:
    """沪A8KM27 -> 沪A·**M27: place and the last three."""
    bare = plate.replace("·", "").replace(" ", "")
    return f"{bare[:2]}·**{bare[-3:]}" if len(bare) >= 7 else "***"


def grouped(code: str, size: int = 4) -> str:
    """7K42M9QX0831 -> 7K42 M9QX 0831, for reading aloud."""
    return " ".join(code[at : at + size] for at in range(0, len(code), size))


def is_english(language: str) -> bool:
    return language.lower().startswith("en")


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
