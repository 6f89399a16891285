"""The paper: what the bytes say, that the preview is those bytes, the advertising picture, the copies."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image, ImageDraw

from shangquan.coupons.contracts import CouponKind
from shangquan.kernel import scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import transaction
from shangquan.pos import door
from shangquan.pos.actions import ring
from shangquan.pos.actions.print_receipt import reprint
from shangquan.pos.contracts import BAD_PICTURE
from shangquan.pos.models import Till
from shangquan.pos.paper import Paper, draw, read, width_of
from shangquan.pos.paper.reading import Unreadable
from shangquan.pos.tests.counter import Counter


def lines(content: bytes) -> list[str]:
    return [block.text for block in read(content) if block.kind == "text"]


def paid(counter: Counter) -> bytes:
    receipt = counter.desk().receipt
    assert receipt is not None
    return receipt.content


@pytest.mark.parametrize("columns", [32, 48])
def test_every_line_fits_the_paper_and_its_sums_add_up(counter: Counter, cashier: scope.Actor, columns: int) -> None:
    Till.rows().filter(id=counter.till).update(paper=columns)
    counter.give(CouponKind.CASH, title_zh="满 150 减 30", amount_fen=3_000, min_spend_fen=15_000)
    counter.open()
    with transaction():
        ring.set_member(till_id=counter.till, member_id=counter.mall.member, how="card", now=counter.now)
    counter.goods(counter.mall.coat, counter.mall.shirt, counter.mall.socks, counter.mall.socks)
    counter.pay()
    said = lines(paid(counter))
    large = {block.text for block in read(paid(counter)) if block.scale == 2}
    assert all(width_of(line) <= (columns // 2 if line in large else columns) for line in said)
    text = "\n".join(said)
    for part in (
        "小禾童装",
        "儿童抓绒外套",
        "满 150 减 30",
        "1,000 积分抵扣",
        "本单已省 40.00 元",
        "林** *",
        "周小满",
        f"+{counter.bill().points_to_earn}",
    ):
        assert part in text, part
    due = next(line for line in said if line.startswith("实付"))
    assert due.endswith("158.00") and due in large
    (code,) = [block for block in read(paid(counter)) if block.kind == "qr"]
    assert code.text == counter.bill().number
    assert code.scale * 25 >= 24 * 8  # 25 modules and more at 8 dots a millimetre: at least 24 mm


@pytest.mark.feature("I7")
def test_the_receipt_carries_the_merchants_picture(counter: Counter, cashier: scope.Actor, district_id: int) -> None:
    picture = Image.new("L", (400, 120), 255)
    ImageDraw.Draw(picture).rectangle((20, 20, 120, 100), fill=0)
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    with scope.scope(district_id), transaction():
        door.place_ad(
            merchant_id=counter.mall.kids,
            title="周末第二件半价",
            picture=kept.getvalue(),
            starts_at=counter.now,
            now=counter.now,
        )
    counter.open()
    counter.goods(counter.mug)
    counter.cash()
    (printed,) = [block.picture for block in read(paid(counter)) if block.kind == "picture"]
    assert printed is not None and printed.width <= 384 and printed.height in range(100, 125)
    scale = printed.height / 120
    assert printed.getpixel((int(70 * scale), int(60 * scale))) == 0
    assert printed.getpixel((int(300 * scale), int(60 * scale))) == 255
    assert "周末第二件半价" in lines(paid(counter))
    assert "data:image/png;base64," in draw(paid(counter), 32)
    later = counter.now + timedelta(days=1)
    with scope.scope(district_id), transaction(), pytest.raises(Refused) as caught:
        door.place_ad(
            merchant_id=counter.mall.kids, title="坏图", picture=b"no picture", starts_at=later, now=counter.now
        )
    assert caught.value.reason is BAD_PICTURE


def test_a_copy_says_so_and_the_first_does_not(counter: Counter, cashier: scope.Actor) -> None:
    counter.open()
    counter.goods(counter.mug)
    bill = counter.cash()
    assert "副本" not in "".join(lines(paid(counter)))
    with transaction():
        copy = reprint(till_id=counter.till, bill_id=bill.id, now=counter.now)
    assert copy.copy_no == 1 and lines(copy.content)[0] == "** 副本 COPY **"
    assert lines(copy.content)[1:] == lines(paid(counter))[1:]


def test_the_preview_stands_where_the_printer_prints() -> None:
    paper = Paper(32)
    paper.pair("合计 3 件", "1,234.50")
    paper.line("ABC", align="center", large=True)
    drawn = draw(paper.done(), 32)
    pair, centred = ([int(at) for at in places.split()] for places in re.findall(r'<text [^>]*\bx="([^"]+)"', drawn))
    assert pair[:4] == [24, 48, 84, 108]  # 合计 3 件: two columns a sign, one for the digit, none for the space
    assert pair[-1] == 24 + 31 * 12  # the last digit in the last column
    assert centred == [24 + (384 - 72) // 2 + step for step in (0, 24, 48)]


def test_names_of_any_language_survive_the_printers_alphabet() -> None:
    paper = Paper(48)
    names = ["𠮷野家 café", "Ω 10 % → 9", "小禾童装·旗舰店"]
    for name in names:
        paper.line(name)
    assert lines(paper.done())[:3] == names


@pytest.mark.parametrize("content", [b"\x1bZ\x01", b"\x1d\x99\x00", b"\x1b"])
def test_what_the_reader_does_not_know_is_an_error(content: Any) -> None:
    with pytest.raises(Unreadable):
        read(content)
