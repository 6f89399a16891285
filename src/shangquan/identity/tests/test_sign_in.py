"""Signing in: the limits, the second step, the session, and where it may lead."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from shangquan.identity import door, rules
from shangquan.identity.actions.change_password import change_password
from shangquan.identity.actions.codes import confirm_totp, disable_totp, enable_totp
from shangquan.identity.actions.grant_role import grant_role
from shangquan.identity.actions.make_account import make_account
from shangquan.identity.actions.sign_in import sign_in, sign_in_with_code
from shangquan.identity.actions.suspend_staff import suspend_staff
from shangquan.identity.contracts import (
    CODE_NEEDED,
    CODE_ON,
    NO_WORK_HERE,
    TOO_MANY_SIGN_INS,
    WEAK_PASSWORD,
    WRONG_SIGN_IN,
    Role,
)
from shangquan.identity.jobs import forget_tries
from shangquan.identity.models import Account, Grant, SignInAttempt
from shangquan.kernel import scope
from shangquan.kernel.errors import FORBIDDEN, SIGN_IN_FIRST, Reason, Refused
from shangquan.kernel.models import AuditLine
from shangquan.kernel.transactions import transaction
from shangquan.tenancy.actions.open_district import open_district

PASSWORD = "osmanthus-lane-7"
WRONG = "wrong-password"
MINUTE = timedelta(minutes=1)


def make(username: str, role: Role, now: datetime, merchant_id: int | None = None, store_id: int | None = None) -> int:
    with transaction():
        made = make_account(username=username, name="林晚", password=PASSWORD, now=now)
        grant_role(account_id=made, role=role, merchant_id=merchant_id, store_id=store_id, now=now)
    return made


@pytest.fixture
def lin(district_id: int, now: datetime) -> int:
    return make("lin", Role.OWNER_ADMIN, now)


@pytest.fixture
def frozen(now: datetime) -> Iterator[Any]:
    with time_machine.travel(now, tick=False) as clock:
        yield clock


def refusal(work: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        work()
    return caught.value


def attempt(now: datetime, password: str = WRONG, username: str = "lin", code: str = "") -> Reason | None:
    try:
        sign_in(username=username, password=password, code=code, now=now)
    except Refused as refused:
        return refused.reason
    return None


def test_a_right_password_signs_in_and_both_outcomes_are_audited_without_what_was_typed(
    lin: int, now: datetime
) -> None:
    assert sign_in(username=" LIN ", password=PASSWORD, now=now).id == lin
    assert attempt(now, password="secret-typo-1") is WRONG_SIGN_IN
    assert attempt(now, username="secret-typo-2") is WRONG_SIGN_IN
    lines = list(AuditLine.rows().filter(action="identity.sign_in").order_by("id"))
    assert [(line.subject_id, line.refused) for line in lines] == [
        (str(lin), ""), (str(lin), "A-4011"), ("", "A-4011"),
    ]  # fmt: skip
    assert lines[0].actor_id == lin
    everything = str(list(AuditLine.rows().values())) + str(list(SignInAttempt.objects.values()))
    assert not any(typed in everything for typed in (PASSWORD, "secret-typo-1", "secret-typo-2"))


def test_an_unknown_name_and_a_wrong_password_take_the_same_work(
    lin: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shangquan.identity.actions import sign_in as module

    checked: list[str] = []
    real = module.check_password

    def counting(password: str, encoded: str) -> bool:
        checked.append(encoded.split("$p=")[0].rsplit("$", 1)[0])
        return real(password, encoded)

    monkeypatch.setattr(module, "check_password", counting)
    attempt(now)
    attempt(now, username="nobody-here")
    assert len(checked) == 2 and checked[0].split("$")[:3] == checked[1].split("$")[:3]
    assert checked[0].startswith("argon2$argon2id")


def test_five_failures_close_a_name_until_the_first_is_a_quarter_of_an_hour_old(lin: int, now: datetime) -> None:
    assert [attempt(now + n * MINUTE) for n in range(5)] == [WRONG_SIGN_IN] * 5
    closed = refusal(lambda: sign_in(username="lin", password=PASSWORD, now=now + 5 * MINUTE))
    assert closed.reason is TOO_MANY_SIGN_INS and closed.data["minutes"] == 10
    assert attempt(now + 14 * MINUTE, password=PASSWORD) is TOO_MANY_SIGN_INS
    assert attempt(now + 15 * MINUTE, password=PASSWORD) is None


def test_a_success_forgives_the_name_but_not_the_address(district_id: int, now: datetime) -> None:
    for number in range(12):
        make(f"staff{number}", Role.OWNER_SERVICE, now)
    with scope.scope(district_id, actor=scope.GUEST, ip="10.0.0.9"):
        for number in range(12):
            assert [attempt(now, username=f"staff{number}") for _ in range(4)] == [WRONG_SIGN_IN] * 4
            assert attempt(now + MINUTE, username=f"staff{number}", password=PASSWORD) is None
        assert [attempt(now + MINUTE, username="staff0") for _ in range(2)] == [WRONG_SIGN_IN] * 2
        assert attempt(now + MINUTE, username="staff1", password=PASSWORD) is TOO_MANY_SIGN_INS
    with scope.scope(district_id, actor=scope.GUEST, ip="10.0.0.10"):
        assert attempt(now + MINUTE, username="staff1", password=PASSWORD) is None


@pytest.mark.django_db(transaction=True)
def test_guesses_at_the_same_moment_do_not_slip_by_the_limit(now: datetime) -> None:
    with transaction():
        opened = open_district(slug="guess", name="猜", now=now)
    with scope.scope(opened):
        make("lin", Role.OWNER_ADMIN, now)
    reasons: list[Reason | None] = []
    start = threading.Barrier(12)

    def guess() -> None:
        try:
            with scope.scope(opened, actor=scope.GUEST, ip="10.0.0.1"):
                start.wait()
                reasons.append(attempt(now))
        finally:
            connection.close()

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reasons.count(WRONG_SIGN_IN) == rules.TRIES_BY_NAME
    assert reasons.count(TOO_MANY_SIGN_INS) == 12 - rules.TRIES_BY_NAME


def test_tries_are_forgotten_after_thirty_days(lin: int, now: datetime, frozen: Any) -> None:
    attempt(now - timedelta(days=31))
    attempt(now)
    forget_tries()
    assert SignInAttempt.objects.count() == 1


def begin_two_step(account_id: int, now: datetime) -> pyotp.TOTP:
    with transaction():
        made = enable_totp(account_id=account_id)
    totp = pyotp.TOTP(made.secret)
    with transaction():
        confirm_totp(account_id=account_id, code=totp.at(now), now=now)
    return totp


def test_two_step_sign_in_asks_for_a_code_that_is_good_once(lin: int, now: datetime) -> None:
    totp = begin_two_step(lin, now)
    stored = Account.objects.get(id=lin).totp_secret
    assert stored and totp.secret not in stored and totp.secret not in str(list(AuditLine.rows().values()))
    later = now + MINUTE
    assert attempt(later, password=PASSWORD) is CODE_NEEDED
    assert attempt(later, password=PASSWORD, code="000000") is CODE_NEEDED
    assert attempt(now, password=PASSWORD, code=totp.at(now)) is CODE_NEEDED, "the code that confirmed is used up"
    assert attempt(later, password=PASSWORD, code=totp.at(later)) is None
    assert attempt(later, password=PASSWORD, code=totp.at(later)) is CODE_NEEDED
    assert sign_in_with_code(account_id=lin, code=totp.at(later + MINUTE), now=later + MINUTE).id == lin


def test_codes_are_limited_like_passwords_and_a_missing_code_does_not_count(lin: int, now: datetime) -> None:
    begin_two_step(lin, now)
    for _ in range(8):
        assert attempt(now, password=PASSWORD) is CODE_NEEDED
    for _ in range(5):
        assert refusal(lambda: sign_in_with_code(account_id=lin, code="000000", now=now)).reason is CODE_NEEDED
    assert refusal(lambda: sign_in_with_code(account_id=lin, code="000000", now=now)).reason is TOO_MANY_SIGN_INS


def test_two_step_is_switched_off_by_a_right_code_only(lin: int, now: datetime) -> None:
    totp = begin_two_step(lin, now)
    with pytest.raises(Refused) as caught, transaction():
        enable_totp(account_id=lin)
    assert caught.value.reason is CODE_ON
    assert refusal(lambda: disable_totp(account_id=lin, code="123", now=now)).reason is CODE_NEEDED
    later = now + MINUTE
    disable_totp(account_id=lin, code=totp.at(later), now=later)
    assert attempt(later, password=PASSWORD) is None


def test_nobody_changes_anothers_password_and_a_wrong_old_one_is_refused(
    lin: int, district_id: int, now: datetime
) -> None:
    other = make("other", Role.OWNER_ADMIN, now)
    with scope.scope(district_id, actor=door.actor_for(other, district_id)):
        stolen = refusal(lambda: change_password(account_id=lin, old=PASSWORD, new="another-lane-8", now=now))
        assert stolen.reason is FORBIDDEN
        wrong = refusal(lambda: change_password(account_id=other, old="nope", new="another-lane-8", now=now))
        assert wrong.reason is WRONG_SIGN_IN
        assert (
            refusal(lambda: change_password(account_id=other, old=PASSWORD, new="1", now=now)).reason is WEAK_PASSWORD
        )
        change_password(account_id=other, old=PASSWORD, new="another-lane-8", now=now)
    assert attempt(now, username="other", password="another-lane-8") is None


@pytest.mark.feature("A2")
def test_staff_of_a_suspended_merchant_can_no_longer_sign_in_and_their_open_session_ends(
    district_id: int, now: datetime, client: Client
) -> None:
    make("clerk", Role.MERCHANT_ADMIN, now, 11)
    sign_in_page(client, "clerk")
    assert client.get("/api/v1/identity/me").status_code == 200
    with transaction():
        suspend_staff(merchant_id=11, now=now)
    assert client.get("/api/v1/identity/me").status_code == 401
    assert attempt(now, username="clerk", password=PASSWORD) is NO_WORK_HERE


def sign_in_page(client: Client, username: str = "lin", **more: str) -> object:
    return client.post("/sign-in/", {"username": username, "password": PASSWORD, **more})


def test_the_page_signs_in_under_a_new_session_key_with_guarded_cookies(lin: int, client: Client) -> None:
    client.get("/sign-in/")
    session = client.session
    session["planted"] = "yes"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    answer = sign_in_page(client)
    assert (answer.status_code, answer["Location"]) == (302, "/console/")  # type: ignore[attr-defined]
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie.value != session.session_key
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert not client.session.__class__(session.session_key).load(), "the planted key leads nowhere"
    assert client.get("/api/v1/identity/me").json()["role"] == "owner_admin"


def test_cookies_are_secure_where_the_site_is(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib

    from shangquan.config import settings as module

    monkeypatch.setenv("SHANGQUAN_BASE_URL", "https://qiwuli.example")
    try:
        again = importlib.reload(module)
        assert again.SESSION_COOKIE_SECURE and again.CSRF_COOKIE_SECURE and again.SESSION_COOKIE_HTTPONLY
    finally:
        monkeypatch.undo()
        importlib.reload(module)


def test_a_wrong_password_shows_the_page_again_with_a_sentence(lin: int, client: Client) -> None:
    answer = client.post("/sign-in/", {"username": "lin", "password": "wrong"})
    assert answer.status_code == 401 and WRONG_SIGN_IN.zh in answer.content.decode()
    assert client.get("/api/v1/identity/me").status_code == 401


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil",
        "javascript:alert(1)",
        "/\t/evil",
        "evil",
        "",
    ],
)
def test_a_sign_in_link_leads_to_no_stranger(lin: int, client: Client, target: str) -> None:
    answer = sign_in_page(client, next=target)
    assert answer["Location"] == "/console/"  # type: ignore[index]


def test_a_sign_in_link_leads_to_our_own_page(lin: int, client: Client) -> None:
    assert sign_in_page(client, next="/console/staff/?q=1")["Location"] == "/console/staff/?q=1"  # type: ignore[index]


def test_the_page_asks_for_the_code_and_enters_with_it(lin: int, now: datetime, client: Client, frozen: Any) -> None:
    totp = begin_two_step(lin, now)
    frozen.shift(60)
    answer = sign_in_page(client, next="/console/audit/")
    assert answer["Location"] == "/sign-in/code/"  # type: ignore[index]
    assert client.get("/api/v1/identity/me").status_code == 401
    assert client.post("/sign-in/code/", {"code": "000000"}).status_code == 401
    done = client.post("/sign-in/code/", {"code": totp.at(now + MINUTE)})
    assert (done.status_code, done["Location"]) == (302, "/console/audit/")
    assert client.get("/api/v1/identity/me").status_code == 200


def test_the_second_step_does_not_wait_for_ever(lin: int, now: datetime, client: Client, frozen: Any) -> None:
    totp = begin_two_step(lin, now)
    sign_in_page(client)
    frozen.shift(301)
    late = client.post("/sign-in/code/", {"code": totp.at(now + timedelta(seconds=301))})
    assert late["Location"] == "/sign-in/"
    assert client.get("/api/v1/identity/me").status_code == 401


def test_a_session_ends_after_twelve_hours_and_by_signing_out(lin: int, client: Client, frozen: Any) -> None:
    sign_in_page(client)
    frozen.shift(12 * 3600 + 1)
    assert client.get("/api/v1/identity/me").status_code == 401
    sign_in_page(client)
    assert client.get("/api/v1/identity/me").status_code == 200
    assert client.get("/sign-out/").status_code == 405
    client.post("/sign-out/")
    assert client.get("/api/v1/identity/me").status_code == 401


def test_a_new_password_ends_every_other_session(lin: int, client: Client) -> None:
    elsewhere = Client()
    sign_in_page(client)
    sign_in_page(elsewhere)
    page = client.post("/account/", {"old": PASSWORD, "new": "another-lane-8"})
    assert page.status_code == 200
    assert client.get("/api/v1/identity/me").status_code == 200
    assert elsewhere.get("/api/v1/identity/me").status_code == 401


def test_one_acts_for_another_store_by_ones_own_grant_only(district_id: int, now: datetime, client: Client) -> None:
    made = make("busy", Role.CASHIER, now, 11, 1)
    stranger = make("stranger", Role.CASHIER, now, 11, 3)
    with transaction():
        second = grant_role(account_id=made, role=Role.CASHIER, merchant_id=11, store_id=2, now=now)
    assert sign_in_page(client, "busy")["Location"] == "/till/"  # type: ignore[index]
    assert client.get("/api/v1/identity/me").json()["store_id"] == 1
    client.post("/account/act-as/", {"grant": str(second)})
    assert client.get("/api/v1/identity/me").json()["store_id"] == 2
    foreign = Grant.rows().get(account_id=stranger).id
    assert client.post("/account/act-as/", {"grant": str(foreign)}).status_code == 404
    assert client.get("/api/v1/identity/me").json()["store_id"] == 2


def test_the_account_pages_show_themselves_to_their_owner_only(lin: int, client: Client) -> None:
    assert client.get("/account/").status_code == 401
    assert client.get("/account/two-step/").status_code == 401
    sign_in_page(client)
    assert "商圈管理员" in client.get("/account/").content.decode()
    page = client.get("/account/two-step/").content.decode()
    assert "<svg" in page and Account.objects.get(id=lin).totp_pending not in page


def test_pages_that_change_something_want_their_form_token(lin: int) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/sign-in/", {"username": "lin", "password": PASSWORD}).status_code == 403


def test_a_guest_at_a_staff_page_is_led_to_sign_in_and_back(district_id: int, now: datetime) -> None:
    seen: list[str] = []

    @door.with_right("coupons.edit")
    def page(request: HttpRequest) -> HttpResponse:
        seen.append(scope.actor().name)
        return HttpResponse("ok")

    with scope.scope(district_id, actor=scope.GUEST):
        led = page(RequestFactory().get("/console/coupons/", {"q": "茶"}))
        assert (led.status_code, led["Location"]) == (
            302,
            "/sign-in/?next=%2Fconsole%2Fcoupons%2F%3Fq%3D%25E8%258C%25B6",
        )
        assert refusal(lambda: page(RequestFactory().post("/console/coupons/"))).reason is SIGN_IN_FIRST
    kitchen = make("kitchen", Role.KITCHEN, now, 11, 1)
    with scope.scope(district_id, actor=door.actor_for(kitchen, district_id)):
        assert refusal(lambda: page(RequestFactory().get("/"))).reason is FORBIDDEN
    boss = make("boss", Role.MERCHANT_ADMIN, now, 11)
    with scope.scope(district_id, actor=door.actor_for(boss, district_id)):
        assert page(RequestFactory().get("/")).status_code == 200
    assert seen == ["林晚"]
