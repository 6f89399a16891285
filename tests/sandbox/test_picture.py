"""Codes read from pictures: every size, damage within the level, pages around the code, and no code at all."""

import base64
import io
import random

import pytest
import segno
from PIL import Image, ImageDraw

from superapp_sandbox.phone.picture import read_code
from superapp_sandbox.refusals import PhoneRefusal
from superapp_sandbox.testing import Phone, Refused, SandboxServer
from tests.sandbox.merchant import Merchant


def encoded(picture: Image.Image) -> str:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def drawn(text: str, scale: int = 4, **options: object) -> Image.Image:
    out = io.BytesIO()
    segno.make(text, micro=False, **options).save(out, kind="png", scale=scale, border=4)
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


@pytest.mark.parametrize(
    ("version", "level"),
    [(1, "l"), (1, "m"), (2, "q"), (3, "h"), (6, "l"), (7, "m"), (13, "q"), (22, "h"), (32, "m"), (40, "l")],
)
def test_every_kind_of_size(version: int, level: str) -> None:
    assert read_code(encoded(drawn("HTTP://A", 2, version=version, error=level, boost_error=False))) == "HTTP://A"


@pytest.mark.parametrize(
    "text",
    [
        "weixin://wxpay/bizpayurl?pr=AbC123xyz",
        "123456789012345678",
        "1",
        "12",
        "HELLO-1",
        "沪A·12345 商圈会员",
        "x" * 900,
    ],
)
def test_every_kind_of_text(text: str) -> None:
    assert read_code(encoded(drawn(text, 3))) == text


@pytest.mark.parametrize("mask", range(8))
def test_every_mask(mask: int) -> None:
    assert read_code(encoded(drawn("mask", 5, mask=mask))) == "mask"


def test_damage_is_repaired_up_to_the_level_and_then_refused() -> None:
    random.seed(7)
    picture = drawn("http://mall.test/coupon/8f3a", 6, error="h", boost_error=False)
    side = picture.width
    pen = ImageDraw.Draw(picture)
    pen.rectangle((side * 0.42, side * 0.42, side * 0.58, side * 0.58), fill="white")
    assert read_code(encoded(picture)) == "http://mall.test/coupon/8f3a"
    pen.rectangle((side * 0.30, side * 0.35, side * 0.75, side * 0.75), fill="white")
    with pytest.raises(PhoneRefusal, match="No readable"):
        read_code(encoded(picture))


def test_a_code_on_a_page() -> None:
    page = Image.new("RGB", (900, 700), "#f4f2ee")
    pen = ImageDraw.Draw(page)
    for y in range(0, 240, 24):
        pen.rectangle((40, y, 40 + y * 3, y + 9), fill="#333333")
    page.paste(drawn("http://mall.test/t/7", 5), (500, 330))
    assert read_code(encoded(page)) == "http://mall.test/t/7"
    assert read_code("data:image/png;base64," + encoded(page)) == "http://mall.test/t/7"


def test_no_code_in_the_picture(phone: Phone) -> None:
    for image in (encoded(Image.new("RGB", (50, 50), "white")), "AAAA", "§"):
        with pytest.raises(Refused, match="PICTURE_UNREADABLE"):
            phone.scan_picture(image)


def test_a_phone_pays_from_a_picture(sandbox: SandboxServer, merchant: Merchant, phone: Phone) -> None:
    code = merchant.order("native", "PICTURE001").json()["code_url"]
    assert phone.scan_picture(encoded(drawn(code)))["pay_sheet"]["order"] == "PICTURE001"
    assert phone.password()["result"] == "paid"
