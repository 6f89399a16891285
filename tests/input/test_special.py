"""Bad input of every special kind, at every operation and page there is: refused in two languages, and nothing changed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction as savepoints
from django.test import Client

from shangquan.kernel.errors import BAD_INPUT, BAD_PAGE_FORM, KEY_REUSED, NOT_ALLOWED, NOT_FOUND, TOO_LARGE
from tests.input.asking import Json, bearer, caller, check_refusal, counts
from tests.isolation.walk import Ids, Operation, operations, pages
from tests.isolation.world import World

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@pytest.fixture
def ids(world: World) -> Ids:
    return Ids(world.first)


def with_body() -> list[Operation]:
    return [operation for operation in operations() if operation.body]


def send(operation: Operation, ids: Ids, data: Any, kind: str = "application/json", **headers: str) -> Any:
    text = data if isinstance(data, bytes | str) else json.dumps(data)
    address = ids.fill(operation.path, operation.names)[0]
    told = {**bearer(operation), "idempotency-key": "input-0001", **headers}
    return caller().generic(operation.method, address, text, content_type=kind, headers=told)


def worse(body: Json, bad: Json) -> Iterator[tuple[str, Json]]:
    """The body with one field at a time replaced."""
    for name in body if isinstance(body, dict) else ():
        yield name, {**body, name: bad}


MALFORMED = {
    "nothing": b"",
    "half": b'{"a": ',
    "text": b"hello",
    "not utf-8": b'{"a": "\xff\xfe"}',
    "a list": b"[]",
    "a number": b"7",
    "null": b"null",
    "deep": b"[" * 20_000,
    "nan": b'{"a": NaN, "b": Infinity',
}


@pytest.mark.parametrize("what", MALFORMED)
def test_what_is_not_the_object_asked_for_is_refused(world: World, ids: Ids, what: str) -> None:
    before = counts()
    for operation in with_body():
        answer = send(operation, ids, MALFORMED[what])
        optional = answer.status_code < 300 and what in ("nothing", "null")
        if not optional:
            check_refusal(answer.status_code, answer.content, f"{operation} {what}")
    assert counts() == before or what in ("nothing", "null")


def test_missing_fields_are_refused(world: World, ids: Ids) -> None:
    before = counts()
    for operation in with_body():
        body = ids.body(operation.body)
        for name in ids.required(operation.body):
            answer = send(operation, ids, {key: value for key, value in body.items() if key != name})
            told = check_refusal(answer.status_code, answer.content, f"{operation} without {name}")
            assert told["code"] == BAD_INPUT.code and name in told["message"], told
    assert counts() == before


WRONG: dict[str, Json] = {
    "an object": {"x": 1},
    "a list": [[1]],
    "too long": "长" * 100_000,
    "nul": "a\x00b",
    "half a pair": "\ud83d",
    "negative": -1,
    "huge": 10**30,
    "beyond bigint": 2**63,
    "unknown word": "no-such-thing-here",
    "nothing": None,
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_value_in_any_field_never_breaks_anything(world: World, ids: Ids, what: str) -> None:
    """Where a field may hold it, the answer is as for any value; else it is a refusal, and nothing changed."""
    before = counts()
    refused = 0
    for operation in with_body():
        for name, body in worse(ids.body(operation.body), WRONG[what]):
            mark = savepoints.savepoint()
            answer = send(operation, ids, body)
            if answer.status_code >= 300:
                refused += 1
                check_refusal(answer.status_code, answer.content, f"{operation} {name} = {what}")
            else:
                assert what in ("negative", "nothing", "unknown word"), f"{operation} took {name} = {what}"
                savepoints.savepoint_rollback(mark)
    assert refused > 20 and counts() == before


@pytest.mark.parametrize("value", ["abc", "-1", "0", str(2**63), "9" * 40, "1.5", "%00", "%F0%9F%92%A9", "a" * 3000])
def test_a_wrong_value_in_an_address_or_a_query_is_refused(world: World, value: str) -> None:
    before = counts()
    for operation in operations():
        headers = bearer(operation)
        if operation.names and operation.method == "GET":
            address = operation.path
            for name in operation.names:
                address = address.replace(f"{{{name}}}", value)
            answer = caller().get(address, headers=headers)
            if answer.status_code != 200 or answer.content.strip() != b"[]":
                check_refusal(answer.status_code, answer.content, address[:200])
        for name in operation.query:
            if operation.method == "GET" and not operation.names:
                answer = caller().get(f"{operation.path}?{name}={value}", headers=headers)
                if answer.status_code >= 300:
                    check_refusal(answer.status_code, answer.content, f"{operation} {name}={value[:50]}")
    assert counts() == before


def test_a_body_that_is_too_large_is_refused_before_it_is_read(world: World, ids: Ids) -> None:
    before, large = counts(), b" " * (settings.LARGEST_BODY + 1)
    for operation in with_body():
        told = check_refusal(413, send(operation, ids, large).content, str(operation))
        assert told["code"] == TOO_LARGE.code
    lying = caller().generic("POST", "/api/v1/identity/sign-in", b"{}", CONTENT_LENGTH="many")
    assert (lying.status_code, lying.json()["code"]) == (413, TOO_LARGE.code)
    assert counts() == before


def test_a_method_that_an_address_does_not_take_is_refused_as_json(world: World, ids: Ids) -> None:
    taken: dict[str, set[str]] = {}
    for operation in operations():
        taken.setdefault(operation.path, set()).add(operation.method)
    by_path = {operation.path: operation for operation in operations()}
    for path, methods in taken.items():
        address = ids.fill(path, by_path[path].names)[0]
        for method in set(METHODS) - methods:
            answer = caller().generic(method, address, headers=bearer(by_path[path]))
            told = check_refusal(answer.status_code, answer.content, f"{method} {path}")
            if answer.status_code != 404:  # /codes/{code} may take what another address spells
                assert told["code"] == NOT_ALLOWED.code and set(answer.headers["Allow"].split(", ")) & methods


@pytest.mark.parametrize(
    "address", ["/api/v1/nothing/here", "/api/v2/", "/api/v1/identity/", "/api/v1/../../etc/passwd"]
)
def test_an_unknown_address_is_refused_as_json(world: World, address: str) -> None:
    for method in METHODS:
        answer = caller().generic(method, address)
        assert check_refusal(answer.status_code, answer.content, address)["code"] == NOT_FOUND.code


def test_every_page_refuses_a_form_without_its_proof_and_changes_nothing(world: World, ids: Ids) -> None:
    """Stale and forged tokens alike, also for who is signed in."""
    before = counts()
    for page in pages():
        if page.route.startswith(("/pay/", "/wx/", "/healthz")):
            continue  # callbacks prove themselves by a signature: see the tests of their connectors and below
        address = ids.fill(page.route, page.names)[0]
        for token in ("", "forged" * 6):
            client = Client(
                enforce_csrf_checks=True, raise_request_exception=False, headers={"host": "qiwuli.localhost"}
            )
            client.cookies["csrftoken"] = "a" * 32
            told = {"accept": "application/json", "authorization": "Bearer staff"}
            answer = client.post(address, {"csrfmiddlewaretoken": token, "name": "x"}, headers=told)
            refused = check_refusal(answer.status_code, answer.content, address)
            assert refused["code"] == BAD_PAGE_FORM.code, address
    assert counts() == before


def test_a_replayed_key_with_another_body_is_refused_and_with_the_same_answered_again(world: World, ids: Ids) -> None:
    """Every operation that takes an Idempotency-Key and a body."""
    seen = 0
    for number, operation in enumerate(op for op in with_body() if "Idempotency-Key" in op.headers):
        body, key = good(operation, ids, world), f"replayed-{number:04d}"
        first = send(operation, ids, body, **{"idempotency-key": key})
        if first.status_code >= 300:
            continue
        seen += 1
        before = counts()
        again = send(operation, ids, body, **{"idempotency-key": key})
        assert (again.status_code, again.json()) == (first.status_code, first.json()), operation
        other = send(operation, ids, {**body, **other_text(operation)}, **{"idempotency-key": key})
        told = check_refusal(other.status_code, other.content, str(operation))
        assert told["code"] == KEY_REUSED.code, (operation, told)
        assert counts() == before
    assert seen >= 3


def good(operation: Operation, ids: Ids, world: World) -> Json:
    body = ids.body(operation.body)
    if operation.path.endswith("/campaigns"):
        body["terms"] |= {"campaign_id": 0, "kind": "cash", "amount_fen": 100, "min_spend_fen": 100, "issuer_id": None}
        body["validity"] = {"days": 3}
    if operation.path.endswith("/bills"):
        body |= {"referrer_id": None, "member_id": world.mall.member}
    return body


def other_text(operation: Operation) -> Json:
    """Another thing under the same key."""
    return {
        "/api/v1/coupons/campaigns": {"about_zh": "别的"},
        "/api/v1/checkout/bills": {"member_id": None},
        "/api/v1/coupons/shelves": {"title": "另一个"},
        "/api/v1/coupons/issue-rules": {"title": "另一个"},
    }.get(operation.path, {"reason": "另一个原因", "title": "另一个"})


CALLBACKS = {
    "unsigned": {},
    "stale": {"Wechatpay-Timestamp": "1500000000", "Wechatpay-Signature": "x", "Wechatpay-Nonce": "n"},
}


@pytest.mark.parametrize("kind", CALLBACKS)
@pytest.mark.parametrize(
    "body", [b"", b"{}", b"<xml/>", b'{"id": "1"', b"\xff\x00", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"]
)
def test_a_strangers_callback_leaves_nothing(world: World, kind: str, body: bytes) -> None:
    before = counts()
    for address in ("/pay/wechat/notify/1900000109/", "/wx/wx0000000000000001/?signature=x&timestamp=1&nonce=n"):
        answer = caller().generic("POST", address, body, content_type="application/json", headers=CALLBACKS[kind])
        assert answer.status_code in (400, 401, 403, 404), (address, answer.status_code)
    assert counts() == before
