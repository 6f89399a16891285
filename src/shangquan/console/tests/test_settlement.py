"""Statements on the pages: the owner closes, the merchant disputes one line and confirms the rest, two people pay."""

import io
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from shangquan.checkout.tests.story import Mall
from shangquan.console.tests.conftest import SignIn
from shangquan.identity.contracts import Role
from shangquan.kernel.models import AuditLine
from shangquan.settlement import door as settlement
from shangquan.settlement.tests.test_statements import coupon, paid, post

PDF = b"%PDF-1.7 proof of payment"


@pytest.fixture(autouse=True)
def own_media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def statement_id(mall: Mall, sign_in: SignIn, now: datetime, frozen: Any) -> int:
    """Yesterday's books of the children's shop and the toy shop, closed by the owner's finance over the page."""
    for bill in (1, 2, 3):
        post(paid(bill, mall.kids, 200_00, coupon(("owner", 30_00)), at=now))
    post(paid(4, mall.toys, 80_00, at=now))
    frozen.shift(timedelta(days=1))
    owner = sign_in(Role.OWNER_FINANCE)
    preview = owner.get("/console/settlement/close/")
    assert preview.status_code == 200 and "小禾童装" in preview.content.decode()
    answer = owner.post("/console/settlement/close/", {"ends_on": "2026-11-22"})
    assert answer.status_code == 302 and answer["Location"].startswith("/console/settlement/periods/")
    (card,) = settlement.statements(merchant_id=mall.kids)
    return card.id


def lines_of(statement_id: int, bill: int) -> list[int]:
    found = settlement.movement(statement_id, "bill", bill)
    assert found
    return [line.id for line in found[1]]


@pytest.mark.feature("T2")
def test_the_merchant_sees_each_line_disputes_one_and_confirms_the_rest(
    mall: Mall, sign_in: SignIn, statement_id: int
) -> None:
    shop = sign_in(Role.MERCHANT_ADMIN, mall.kids)
    page = shop.get(f"/console/settlement/{statement_id}/?row=bill-2").content.decode()
    assert all(number in page for number in ("B1", "B2", "B3")) and "应付给你" in page
    address = f"/console/settlement/{statement_id}/dispute/?row=bill-2"
    line = lines_of(statement_id, 2)[0]
    typed = {"line_id": line, "why": "coupon", "wanted": "200.00", "text": "首周用券由商圈承担"}
    refused = shop.post(address, {**typed, "text": ""})
    assert refused.status_code == 409 and settlement.statement(statement_id).dispute_count == 0
    assert shop.post(address, typed).status_code == 302
    again = shop.post(address, typed)
    assert again.status_code == 409 and "首周用券由商圈承担" in again.content.decode()
    frozen = settlement.statement(statement_id)
    assert frozen.dispute_count == 1 and frozen.frozen_fen == 170_00
    page = shop.get(f"/console/settlement/{statement_id}/").content.decode()
    assert "确认其余 2 行" in page and "异议冻结" in page
    assert shop.post(f"/console/settlement/{statement_id}/confirm/").status_code == 302
    signed = settlement.statement(statement_id)
    assert (signed.state, signed.confirmed_by) == ("confirmed", "王琪") and signed.confirmed_at
    assert signed.payable_fen == signed.total_fen - 170_00
    owner = sign_in(Role.OWNER_FINANCE)
    assert "首周用券由商圈承担" in owner.get("/console/settlement/").content.decode()
    dispute = settlement.open_disputes()[0]
    answer = f"/console/settlement/{statement_id}/disputes/{dispute.id}/?row=bill-2"
    assert owner.post(answer, {"answer": "同意，补差", "correct": "200.00"}).status_code == 302
    assert not settlement.open_disputes()
    assert owner.post(answer, {"answer": "再答一次"}).status_code == 409
    assert "同意，补差" in shop.get(f"/console/settlement/{statement_id}/?row=bill-2").content.decode()


@pytest.mark.feature("T4")
def test_one_prepares_another_approves_and_the_merchant_downloads_the_proof(
    mall: Mall, sign_in: SignIn, statement_id: int
) -> None:
    maker, checker = sign_in(Role.OWNER_FINANCE), sign_in(Role.OWNER_FINANCE)
    shop = sign_in(Role.MERCHANT_ADMIN, mall.kids)
    here = f"/console/settlement/{statement_id}/"
    assert "S-4094" in maker.post(f"{here}payout/", follow=True).content.decode()
    assert not settlement.payouts(statement_ids=[statement_id])  # not confirmed yet
    shop.post(f"{here}confirm/")
    maker.post(f"{here}payout/")
    maker.post(f"{here}payout/")
    payout = settlement.payouts(statement_ids=[statement_id])[statement_id]
    assert "复核的人不能是经办人" in maker.get(here).content.decode()
    maker.post(f"/console/settlement/payouts/{payout.id}/approve/")
    assert settlement.payout(payout.id).state == "prepared"
    checker.post(f"/console/settlement/payouts/{payout.id}/approve/")
    assert settlement.payout(payout.id).state == "approved"
    paid_at = f"/console/settlement/payouts/{payout.id}/paid/"

    def send(reference: str, body: bytes) -> None:
        maker.post(paid_at, {"bank_reference": reference, "proof": SimpleUploadedFile("a.pdf", body)})

    send("CMB1", b"<html>not a proof</html>")
    assert settlement.payout(payout.id).state == "approved"
    send("CMB1", PDF)
    send("CMB2", PDF + b" twice")
    done = settlement.payout(payout.id)
    assert (done.state, done.bank_reference) == ("paid", "CMB1")
    assert done.amount_fen == settlement.statement(statement_id).payable_fen
    proof = shop.get(f"/console/settlement/payouts/{payout.id}/proof/")
    assert b"".join(proof.streaming_content) == PDF  # type: ignore[attr-defined]
    assert "CMB1" in shop.get("/console/settlement/payouts/").content.decode()


def test_another_merchant_finds_nothing_and_a_missing_right_is_refused_and_kept(
    mall: Mall, sign_in: SignIn, statement_id: int
) -> None:
    stranger = sign_in(Role.MERCHANT_ADMIN, mall.toys)
    for path in ("", "lines.csv", "lines.xlsx"):
        assert stranger.get(f"/console/settlement/{statement_id}/{path}").status_code == 404
    stranger.post(f"/console/settlement/{statement_id}/confirm/")
    assert settlement.statement(statement_id).state == "issued"
    assert "小禾童装" not in stranger.get("/console/settlement/").content.decode()
    period = stranger.get(f"/console/settlement/periods/{settlement.periods()[0].id}/").content.decode()
    assert "阿橘玩具" in period and "小禾童装" not in period
    cashier = sign_in(Role.CASHIER, mall.kids, mall.kids_store)
    assert cashier.get(f"/console/settlement/{statement_id}/").status_code == 403
    owner = sign_in(Role.OWNER_ADMIN)
    assert owner.post(f"/console/settlement/{statement_id}/confirm/").status_code == 403
    assert AuditLine.rows().filter(refused="K-4032").count() == 2


def test_the_files_hold_every_line_and_sum_to_the_total(mall: Mall, sign_in: SignIn, statement_id: int) -> None:
    shop = sign_in(Role.MERCHANT_ADMIN, mall.kids)
    total = settlement.statement(statement_id).total_fen
    text = shop.get(f"/console/settlement/{statement_id}/lines.csv").content.decode("utf-8-sig")
    assert round(sum(float(row.split(",")[4]) for row in text.splitlines()[1:]) * 100) == total
    book = load_workbook(io.BytesIO(shop.get(f"/console/settlement/{statement_id}/lines.xlsx").content))
    assert book.active is not None
    rows = list(book.active.iter_rows(min_row=2, values_only=True))
    assert round(sum(float(str(row[4])) for row in rows) * 100) == total and len(rows) == len(text.splitlines()) - 1


def test_a_longer_statement_asks_no_more(
    mall: Mall, sign_in: SignIn, statement_id: int, now: datetime, frozen: Any, django_assert_max_num_queries: Any
) -> None:
    def cost(path: str) -> int:
        shop = sign_in(Role.MERCHANT_ADMIN, mall.kids)
        with django_assert_max_num_queries(60) as found:
            assert shop.get(path).status_code == 200
        return len(found)

    few = cost(f"/console/settlement/{statement_id}/?row=bill-2")
    for bill in range(20, 60):
        post(paid(bill, mall.kids, 90_00, coupon(("owner", 10_00)), at=now + timedelta(days=1)))
    frozen.shift(timedelta(days=1))
    sign_in(Role.OWNER_FINANCE).post("/console/settlement/close/", {"ends_on": "2026-11-23"})
    latest = settlement.statements(merchant_id=mall.kids)[0]
    assert latest.line_count == 80
    assert cost(f"/console/settlement/{latest.id}/?row=bill-20") == few


def test_a_day_that_is_not_over_is_not_closed(mall: Mall, sign_in: SignIn) -> None:
    owner = sign_in(Role.OWNER_FINANCE)
    answer = owner.post("/console/settlement/close/", {"ends_on": "2026-11-22"})
    assert answer.status_code == 409 and "S-4091" in answer.content.decode() and not settlement.periods()


def test_views_filter_by_what_a_row_is(mall: Mall, sign_in: SignIn, statement_id: int) -> None:
    shop: Client = sign_in(Role.MERCHANT_ADMIN, mall.kids)
    numbers = re.compile(r"\bB[1-4]\b")

    def shown(query: str) -> set[str]:
        return set(numbers.findall(shop.get(f"/console/settlement/{statement_id}/?{query}").content.decode()))

    assert shown("") == {"B1", "B2", "B3"} and shown("view=refunds") == set()
    assert shown("q=B3") == {"B3"} and shown("view=sales") == {"B1", "B2", "B3"}
