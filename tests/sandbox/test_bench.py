"""State, seeds, time and refusals of the bench."""

from pathlib import Path

import pytest

from superapp_sandbox.testing import Refused, SandboxServer
from tests.sandbox.merchant import Merchant


def test_the_same_seed_gives_the_same_identifiers(sandbox: SandboxServer) -> None:
    def one_run() -> tuple[str, str, str]:
        sandbox.reset(seed="again")
        phone = sandbox.phone("小林")
        order = Merchant(sandbox).order("native", "SEEDED0001").json()["code_url"]
        return phone.openid(), phone.paycode(), order

    first = one_run()
    assert one_run() == first
    sandbox.reset(seed="other")
    assert sandbox.phone("小林").openid() != first[0]


def test_state_goes_out_and_comes_back(sandbox: SandboxServer, merchant: Merchant) -> None:
    phone = sandbox.phone("小林")
    phone.scan(merchant.order("native", "STATE00001", 300).json()["code_url"])
    phone.password()
    kept = sandbox.state()
    sandbox.reset()
    assert merchant.query("STATE00001").status_code == 404
    sandbox.load(kept)
    assert sandbox.state() == kept
    assert merchant.query("STATE00001").json()["trade_state"] == "SUCCESS"
    assert sandbox.phone("小林").balance_fen == 1_000_000 - 300


def test_a_broken_state_changes_nothing(sandbox: SandboxServer, merchant: Merchant) -> None:
    merchant.order("native", "STATE00002")
    with pytest.raises(Refused, match="STATE_UNREADABLE"):
        sandbox.load({"format": 1, "seed": "x", "count": 1})
    assert merchant.query("STATE00002").status_code == 200


def test_an_older_state_without_newer_collections_is_taken(sandbox: SandboxServer, merchant: Merchant) -> None:
    merchant.order("native", "STATE00003")
    old = {name: rows for name, rows in sandbox.state().items() if name not in ("drafts", "mass_jobs", "transfers")}
    sandbox.load(old)
    assert merchant.query("STATE00003").status_code == 200
    assert sandbox.state()["transfers"] == {}


def test_a_state_file_survives_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    with SandboxServer(state=file) as first:
        keys = first.credentials()["pay"]["private_key_pem"]
        Merchant(first).order("native", "SAVED00001")
    with SandboxServer(state=file) as second:
        assert second.credentials()["pay"]["private_key_pem"] == keys
        assert Merchant(second).query("SAVED00001").json()["trade_state"] == "NOTPAY"


def test_unknown_faults_are_refused_as_a_whole(sandbox: SandboxServer) -> None:
    with pytest.raises(Refused, match="UNKNOWN_FAULT"):
        sandbox.faults(notify_drop=True, nonsense=1)
    assert not [f for f in sandbox.get("/_bench/api/faults") if f["times"]]


def test_wrong_bodies_are_refused(sandbox: SandboxServer) -> None:
    answer = sandbox.client.post("/_phone/api/users", content="[1]")
    assert (answer.status_code, answer.json()["code"]) == (400, "BODY_UNREADABLE")
    phone = sandbox.phone("小林")
    with pytest.raises(Refused, match="FIELD_WRONG"):
        phone.settings(balance_fen=5, lat=200)
    assert phone.balance_fen == 1_000_000


def test_a_further_account_has_openids_of_its_own(sandbox: SandboxServer) -> None:
    sandbox.post("/_bench/api/accounts", appid="wx5a9d0b0ca1000002", name="第二商圈", mchids=["1900000109"])
    openids = sandbox.phone("小林").state()["user"]["openids"]
    assert len(set(openids.values())) == 2
    assert "wx5a9d0b0ca1000002" in sandbox.credentials()["pay"]["appids"]


def test_changes_reach_a_listener(sandbox: SandboxServer, merchant: Merchant) -> None:
    phone = sandbox.phone("小林")
    since = phone.state()["seq"]
    phone.scan(merchant.order("native", "EVENTS0001").json()["code_url"])
    told = sandbox.get("/_phone/api/events", user=phone.id, since=since, wait=2)
    assert "pending" in [event["kind"] for event in told["events"]]
    with sandbox.client.stream(
        "GET", f"/_phone/api/events?user={phone.id}&since={since}", headers={"Accept": "text/event-stream"}
    ) as stream:
        lines = stream.iter_lines()
        assert any(line.startswith("data: ") and '"pending"' in line for line in (next(lines) for _ in range(12)))
