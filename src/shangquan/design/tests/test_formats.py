from datetime import UTC, date, datetime, timedelta

import pytest

from shangquan.design import formats

NOW = datetime(2026, 11, 22, 18, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fen", "written"),
    [(15800, "¥158.00"), (-3000, "−¥30.00"), (0, "¥0.00"), (123456789, "¥1,234,567.89"), (5, "¥0.05"), (None, "—")],
)
def test_sums_are_written_with_sign_and_thousands(fen: int | None, written: str) -> None:
    assert formats.fen(fen) == written
    assert formats.fen_bare(fen) == written.replace("¥", "")


def test_a_gain_in_a_sum_carries_its_plus() -> None:
    assert [formats.fen_signed(fen) for fen in (1800, -3000, 0)] == ["+¥18.00", "−¥30.00", "¥0.00"]


@pytest.mark.parametrize(("fen", "face"), [(2000, "20"), (1250, "12.50"), (100000, "1,000")])
def test_a_coupon_face_drops_empty_decimals(fen: int, face: str) -> None:
    assert formats.fen_face(fen) == face


@pytest.mark.parametrize(
    ("fen", "language", "written"),
    [
        (48632000, "zh-hans", "48.6 万"),
        (48632000, "en", "486.3k"),
        (15800, "zh-hans", "158"),
        (-48632000, "zh", "−48.6 万"),
    ],
)
def test_large_sums_are_short_in_plots(fen: int, language: str, written: str) -> None:
    assert formats.fen_short(fen, language) == written


@pytest.mark.parametrize(
    ("paid", "zh", "en"), [(85, "8.5 折", "15% off"), (90, "9 折", "10% off"), (88, "8.8 折", "12% off")]
)
def test_a_discount_is_what_is_paid_in_chinese_and_what_comes_off_in_english(paid: int, zh: str, en: str) -> None:
    assert (formats.zhe(paid, "zh-hans"), formats.zhe(paid, "en")) == (zh, en)


def test_changes_of_amounts_are_percents_and_changes_of_percents_are_points() -> None:
    assert formats.change_percent(0.124) == "+12.4%"
    assert formats.change_percent(-0.05) == "−5.0%"
    assert formats.change_points(-0.032, "zh-hans") == "−3.2 点"
    assert formats.change_points(0.022, "en") == "+2.2 pts"
    assert formats.percent1(0.68449) == "68.4%"
    assert formats.percent1(0.6845) == "68.5%"


@pytest.mark.parametrize(
    ("ago", "zh", "en"),
    [
        (timedelta(seconds=30), "刚刚", "just now"),
        (timedelta(minutes=5), "5 分钟前", "5 min ago"),
        (timedelta(hours=2), "今天 16:24", "today 16:24"),
        (timedelta(days=1), "昨天 18:24", "yesterday 18:24"),
        (timedelta(days=3), "11月19日 18:24", "19 Nov 18:24"),
        (timedelta(days=400), "2025年10月18日 18:24", "18 Oct 2025 18:24"),
        (-timedelta(days=1), "明天 18:24", "tomorrow 18:24"),
        (-timedelta(minutes=10), "今天 18:34", "today 18:34"),
    ],
)
def test_a_time_is_told_as_a_neighbour_would(ago: timedelta, zh: str, en: str) -> None:
    assert formats.when(NOW - ago, now=NOW, language="zh-hans") == zh
    assert formats.when(NOW - ago, now=NOW, language="en") == en


def test_days_name_the_weekday_when_asked_and_the_year_when_it_differs() -> None:
    sunday = date(2026, 11, 22)
    assert formats.day(sunday, today=sunday, language="zh", weekday=True) == "11月22日 周日"
    assert formats.day(sunday, today=sunday, language="en", weekday=True) == "Sun 22 Nov"
    assert formats.day(date(2027, 1, 3), today=sunday, language="zh") == "2027年1月3日"
    assert formats.day_range(date(2026, 11, 20), date(2026, 11, 30), today=sunday, language="zh") == "11月20日–11月30日"


@pytest.mark.parametrize(("seconds", "written"), [(5712, "01:35:12"), (12, "00:12"), (0, "00:00"), (-9, "00:00")])
def test_a_countdown_is_never_negative(seconds: int, written: str) -> None:
    assert formats.rest_of(seconds) == written


def test_people_are_masked() -> None:
    assert formats.mask_phone("13800000042") == "138****0042"
    assert formats.mask_phone("0212345") == "****2345"
    assert formats.mask_phone("110") == "*10"
    assert formats.mask_name("林晓") == "林**" == formats.mask_name("林 晓晓")
    assert formats.mask_name(" ") == "**"
    assert formats.mask_plate("沪A8KM27") == "沪A·**M27"
    assert formats.mask_plate("沪") == "***"


def test_codes_are_grouped_for_reading() -> None:
    assert formats.grouped("7K42M9QX0831") == "7K42 M9QX 0831"
