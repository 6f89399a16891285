"""The forms of the till: each does one thing and goes back to the till."""

from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from shangquan.checkout.contracts import Choice
from shangquan.kernel import clock
from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.money import parse_yuan
from shangquan.kernel.transactions import transaction
from shangquan.pos.actions import pay, ring
from shangquan.pos.actions.scan import scan
from shangquan.pos.actions.shifts import open_shift
from shangquan.pos.desk.session import home, say, till_post
from shangquan.pos.models import Till
from shangquan.pos.queries.desk import desk


def number(request: HttpRequest, name: str, *, least: int = 0, most: int = 10**9) -> int:
    """A whole number of the form. Refuses K-4001."""
    text = request.POST.get(name, "").strip()
    if not (text.isascii() and text.isdigit()) or not least <= int(text) <= most:
        raise Refused(BAD_INPUT, why=f"{name}：{text[:20]}")
    return int(text)


@till_post()
def scan_page(request: HttpRequest, till: Till) -> HttpResponse | None:
    """Whatever was scanned or typed. Nothing typed: Enter, which asks for the payment code or the next customer."""
    text = request.POST.get("scan", "").strip()
    if not text:
        return _enter(till)
    with transaction():
        done = scan(till_id=till.id, text=text, now=clock.now())
    if done.did == "pay":
        shown = request.POST.get("expected", "")
        bill = pay.pay_by_code(
            till_id=till.id,
            auth_code=done.data["auth_code"],
            provider=done.data["channel"],
            expected_fen=int(shown) if shown.isdigit() else None,
            now=clock.now(),
        )
        if bill.is_paid:
            say(request, _("收款成功"))
        return None
    if done.did == "check":
        return HttpResponseRedirect(f"{reverse('pos:check')}?code={quote(done.data['code'])}")
    if done.did == "found":
        return home(urlencode({"do": "found", "text": done.data["text"]}))
    say(request, done.zh)
    return None


def _enter(till: Till) -> HttpResponse:
    there = desk(till)
    if there.phase == "paid":
        with transaction():
            ring.finish(till_id=till.id, now=clock.now())
        return home()
    return home("do=code" if there.phase == "selling" and there.bill is not None else "")


@till_post()
def line_page(request: HttpRequest, till: Till, line: int) -> None:
    quantity = number(request, "quantity", most=100_000)
    with transaction():
        ring.set_quantity(till_id=till.id, line_no=line, quantity=quantity, now=clock.now())


@till_post()
def remove_page(request: HttpRequest, till: Till, line: int) -> None:
    with transaction():
        ring.set_quantity(till_id=till.id, line_no=line, quantity=0, now=clock.now())
    say(request, _("删掉了一行"))


@till_post()
def price_page(request: HttpRequest, till: Till, line: int) -> None:
    price = parse_yuan(request.POST.get("price", ""))
    with transaction():
        ring.set_price(till_id=till.id, line_no=line, unit_fen=price, now=clock.now())
    say(request, _("价格已改"))


@till_post()
def goods_page(request: HttpRequest, till: Till, product: int) -> None:
    with transaction():
        ring.add_product(till_id=till.id, product_id=product, now=clock.now())


@till_post()
def member_page(request: HttpRequest, till: Till) -> None:
    """A member by code, card or phone: the same entrance as the scanner's."""
    with transaction():
        done = scan(till_id=till.id, text=request.POST.get("scan", ""), now=clock.now())
    say(request, done.zh)


@till_post()
def no_member_page(request: HttpRequest, till: Till) -> None:
    with transaction():
        ring.set_member(till_id=till.id, member_id=None, now=clock.now())


@till_post()
def referrer_page(request: HttpRequest, till: Till) -> None:
    wanted = request.POST.get("referrer", "")
    with transaction():
        ring.set_referrer(till_id=till.id, referrer_id=int(wanted) if wanted.isdigit() else None, now=clock.now())


@till_post()
def combination_page(request: HttpRequest, till: Till) -> None:
    """The combination chosen by hand; `best` goes back to the best."""
    forced = tuple(int(piece) for piece in request.POST.getlist("piece") if piece.isdigit())
    use_points = request.POST.get("points", "1") == "1"
    choice = Choice() if "best" in request.POST else Choice(forced=forced, only_forced=True, use_points=use_points)
    with transaction():
        ring.choose(till_id=till.id, choice=choice, now=clock.now())


@till_post()
def park_page(request: HttpRequest, till: Till) -> None:
    with transaction():
        ring.park(till_id=till.id, label=request.POST.get("label", ""), now=clock.now())
    say(request, _("已挂单，按 F7 取回"))


@till_post()
def recall_page(request: HttpRequest, till: Till, parked: int) -> None:
    with transaction():
        ring.recall(till_id=till.id, ring_id=parked, now=clock.now())


@till_post()
def clear_page(request: HttpRequest, till: Till) -> None:
    with transaction():
        ring.give_up(till_id=till.id, now=clock.now())
    say(request, _("这一单已取消"))


@till_post()
def cash_page(request: HttpRequest, till: Till) -> None:
    """Cash: what was received, empty for the exact amount."""
    received = request.POST.get("received", "").strip()
    pay.pay_cash(
        till_id=till.id,
        received_fen=parse_yuan(received) if received else None,
        expected_fen=number(request, "expected") if "expected" in request.POST else None,
        now=clock.now(),
    )


@till_post()
def show_page(request: HttpRequest, till: Till) -> None:
    pay.show_code(
        till_id=till.id,
        expected_fen=number(request, "expected") if "expected" in request.POST else None,
        now=clock.now(),
    )


@till_post()
def look_page(request: HttpRequest, till: Till) -> None:
    pay.look(till_id=till.id, now=clock.now(), eager="eager" in request.POST)


@till_post()
def stop_page(request: HttpRequest, till: Till) -> None:
    bill = pay.stop(till_id=till.id, now=clock.now())
    if bill is not None and bill.is_paid:
        say(request, _("顾客已经付成了，这单按收款成功处理。"))


@till_post()
def next_page(request: HttpRequest, till: Till) -> None:
    with transaction():
        ring.finish(till_id=till.id, now=clock.now())


@till_post("till.shift")
def open_shift_page(request: HttpRequest, till: Till) -> None:
    with transaction():
        open_shift(till_id=till.id, opening_cash_fen=parse_yuan(request.POST.get("cash") or "0"), now=clock.now())
