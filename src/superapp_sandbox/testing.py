"""For a product's tests: a sandbox process of its own, and phones that tests can hold.

with SandboxServer() as sandbox:
    sandbox.set_account(url="http://127.0.0.1:9000/wechat", token="…", mode="safe")
    phone = sandbox.phone("小林")
    phone.scan(code_url)
    phone.password()
"""

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

Json = dict[str, Any]
START_WITHIN_S = 20.0


class Refused(AssertionError):
    """The sandbox said no; ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


def _taken(answer: httpx.Response) -> Any:
    made = answer.json()
    if answer.is_error:
        raise Refused(made.get("code", str(answer.status_code)), made.get("message", answer.text))
    return made


class Phone:
    """One person's phone."""

    def __init__(self, sandbox: "SandboxServer", user: Json) -> None:
        self._sandbox = sandbox
        self.id: str = user["id"]
        self.name: str = user["name"]

    def _post(self, path: str, **body: Any) -> Json:
        made: Json = self._sandbox.post(f"/_phone/api/users/{self.id}/{path}", **body)
        return made

    def state(self) -> Json:
        """Person, chats, notices, wallet, pending payment."""
        shown: Json = self._sandbox.get(f"/_phone/api/users/{self.id}")
        return shown

    def openid(self, appid: str = "") -> str:
        openids: dict[str, str] = self.state()["user"]["openids"]
        return openids[appid or self._sandbox.appid]

    @property
    def balance_fen(self) -> int:
        return int(self.state()["wallet"]["balance_fen"])

    def follow(self, appid: str = "") -> Json:
        return self._post("follow", appid=appid or self._sandbox.appid)

    def unfollow(self, appid: str = "") -> Json:
        return self._post("unfollow", appid=appid or self._sandbox.appid)

    def say(self, text: str, appid: str = "") -> Json:
        return self._post("say", appid=appid or self._sandbox.appid, text=text)

    def menu(self, key_or_url: str, appid: str = "") -> Json:
        return self._post("menu", appid=appid or self._sandbox.appid, key=key_or_url)

    def locate(self, appid: str = "") -> Json:
        return self._post("locate", appid=appid or self._sandbox.appid)

    def scan(self, text: str) -> Json:
        """What the camera reads."""
        return self._post("scan", text=text)

    def scan_picture(self, base64_image: str) -> Json:
        return self._post("scan", image=base64_image)

    def paycode(self, *, refresh: bool = True, wallet: str = "wechat") -> str:
        """The 18 digits a cashier scans; ``wallet`` may be ``alipay``."""
        return str(self._post("paycode", refresh=refresh, wallet=wallet)["code"])

    def pending(self) -> Json | None:
        """The payment sheet that waits for a password."""
        found: Json | None = self._sandbox.get(f"/_phone/api/users/{self.id}/pending")
        return found

    def password(self, password: str = "123456") -> Json:  # noqa: S107 - the documented sandbox password
        return self._post("password", password=password)

    def cancel(self) -> Json:
        return self._post("cancel")

    def jsapi(self, parameters: Json) -> Json:
        """``getBrandWCPayRequest`` with what the product's backend signed."""
        return self._post("jsapi", **parameters)

    def app_pay(self, parameters: Json) -> Json:
        """The payment kit of the owner's own app, with what the product's backend signed."""
        return self._post("app_pay", **parameters)

    def take_transfer(self, package: str, *, agree: bool = True, mchid: str = "") -> Json:
        """``requestMerchantTransfer``: take the money that a merchant sent."""
        body = {"mchId": mchid or self._sandbox.credentials()["pay"]["mchid"], "appId": self._sandbox.appid}
        return self._post("transfer", **body, package=package, answer="yes" if agree else "no")

    def settings(self, **wanted: Any) -> Json:
        return self._post("settings", **wanted)

    def chat(self, appid: str = "") -> list[Json]:
        """The lines of the chat, newest last."""
        shown = self._sandbox.get(f"/_phone/api/users/{self.id}/chats/{appid or self._sandbox.appid}")
        lines: list[Json] = shown["messages"]
        return lines

    def received(self, kind: str = "", appid: str = "") -> list[Json]:
        """What the account wrote to this person."""
        return [m for m in self.chat(appid) if m["direction"] == "in" and kind in ("", m["kind"])]

    def wait_received(self, kind: str, count: int = 1, within_s: float = 5.0) -> list[Json]:
        """As ``received``, waiting until there are ``count`` of them."""
        lines: list[Json] = wait_until(lambda: f if len(f := self.received(kind)) >= count else None, within_s)
        return lines

    def authorize(self, authorize_url: str, *, agree: bool = True) -> str:
        """Open a web-login address inside the phone; gives the address it redirects to, with ``code``."""
        parts = urlsplit(authorize_url)
        with httpx.Client(base_url=self._sandbox.url, trust_env=False) as browser:
            browser.cookies.set("sandbox_user", self.id)
            answer = browser.get(f"{parts.path}?{parts.query}")
            if answer.status_code == 200 and 'name="login"' in answer.text:
                login = answer.text.split('name="login" value="', 1)[1].split('"', 1)[0]
                answer = browser.post("/connect/confirm", content=_form(login, self.id, agree))
        if answer.status_code != 302:
            raise Refused(str(answer.status_code), answer.text)
        return answer.headers["location"]

    def confirm_login(self, scanned: Json, *, agree: bool = True) -> None:
        """Say yes (or no) after scanning the login code of an ordinary browser."""
        login = parse_qs(urlsplit(scanned["open_url"]).query)["login"][0]
        answer = httpx.post(
            f"{self._sandbox.url}/connect/confirm", content=_form(login, self.id, agree), trust_env=False
        )
        if answer.is_error:
            raise Refused(str(answer.status_code), answer.text)


def _form(login: str, user: str, agree: bool) -> str:
    return urlencode({"login": login, "user": user, "answer": "yes" if agree else "no"})


def wait_until(look: Any, within_s: float = 5.0) -> Any:
    """The first thing that ``look`` gives which is not None or false; AssertionError when time is over."""
    until = time.monotonic() + within_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > until:
            raise AssertionError(f"nothing within {within_s} s")
        time.sleep(0.03)


class SandboxServer:
    """A sandbox in a process of its own on a free port."""

    def __init__(self, *, seed: str = "test", time_scale: float = 1.0, state: Path | None = None) -> None:
        self._arguments = ["--port", "0", "--seed", seed, "--time-scale", str(time_scale)]
        if state is not None:
            self._arguments += ["--state", str(state)]
        self._process: subprocess.Popen[str] | None = None
        self._client: httpx.Client | None = None
        self.url = ""
        self.appid = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Start and wait until it answers. AssertionError with its output when it does not."""
        root = str(Path(__file__).resolve().parent.parent)
        paths = os.pathsep.join(p for p in (root, os.environ.get("PYTHONPATH", "")) if p)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "superapp_sandbox", *self._arguments],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": paths},
        )
        self.url = _address(self._process)
        self._client = httpx.Client(base_url=self.url, trust_env=False, timeout=70)
        wait_until(self._answers, START_WITHIN_S)
        self.appid = self.credentials()["account"]["appid"]

    def _answers(self) -> bool:
        try:
            return self.client.get("/_bench/api/time").is_success
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        if self._client is not None:
            self._client.close()
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._process.stdout:
                self._process.stdout.close()

    @property
    def client(self) -> httpx.Client:
        if self._client is None:
            raise RuntimeError("the sandbox is not started")
        return self._client

    def get(self, path: str, **query: Any) -> Any:
        return _taken(self.client.get(path, params=query or None))

    def post(self, path: str, **body: Any) -> Any:
        return _taken(self.client.post(path, json=body))

    def credentials(self, mchid: str = "", appid: str = "") -> Json:
        """``pay`` and ``account``: everything a product is provisioned with."""
        chosen = {k: v for k, v in (("mchid", mchid), ("appid", appid)) if v}
        found: Json = self.get("/_bench/api/credentials", **chosen)
        return found

    def set_account(self, **wanted: Any) -> Json:
        """``url``, ``token``, ``aes_key``, ``mode``, ``oauth_domain``, ``js_domain``, ``unionid_bound``, ``kind``, ``verified``."""
        made: Json = self.post("/_bench/api/account", **wanted)
        return made

    def phone(self, name: str) -> Phone:
        """The phone of the person of that name; a person who is not there yet is made."""
        for user in self.get("/_phone/api/users"):
            if name in (user["name"], user["id"]):
                return Phone(self, user)
        return Phone(self, self.post("/_phone/api/users", name=name))

    def faults(self, **wanted: Any) -> list[Json]:
        """Switch faults on: ``faults(notify_repeat=9)``, ``faults(next_http_status={"value": 500, "times": 2})``."""
        made: list[Json] = self.post("/_bench/api/faults", **wanted)
        return made

    def calls(self, q: str = "", after: int = 0, *, direction: str = "") -> list[Json]:
        """The call log with bodies and signature steps, oldest first."""
        found = self.get("/_bench/api/calls", q=q, after=after, full=1, limit=1000)["calls"]
        return [call for call in found if direction in ("", call["direction"])]

    def replay(self, call_id: int, body: str = "") -> Json:
        made: Json = self.post(f"/_bench/api/calls/{call_id}/replay", **({"body": body} if body else {}))
        return made

    def time(self, **wanted: float) -> Json:
        """``scale`` shortens waits, ``advance_s`` jumps forward, ``answer_within_s`` is the patience for callbacks."""
        made: Json = self.post("/_bench/api/time", **wanted)
        return made

    def reset(self, seed: str = "") -> None:
        self.post("/_bench/api/reset", **({"seed": seed} if seed else {}))

    def state(self) -> Json:
        found: Json = self.get("/_bench/api/state")
        return found

    def load(self, state: Json) -> None:
        _taken(self.client.post("/_bench/api/state", content=json.dumps(state)))


def _address(process: "subprocess.Popen[str]") -> str:
    """The address that the process tells in its first line."""
    out = process.stdout
    if out is None:
        raise RuntimeError("no output to read")
    with selectors.DefaultSelector() as ready:
        ready.register(out, selectors.EVENT_READ)
        line = out.readline() if ready.select(START_WITHIN_S) else ""
    if not line.startswith("superapp_sandbox http"):
        process.kill()
        raise AssertionError(f"the sandbox did not start: {line!r}")
    return line.split()[1]


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[SandboxServer]:
    """One process for the whole test run."""
    with SandboxServer() as server:
        yield server


@pytest.fixture
def sandbox(sandbox_process: SandboxServer) -> SandboxServer:
    """A clean sandbox: state, faults, log, clock and the account's addresses as at the start."""
    sandbox_process.reset(seed="test")
    sandbox_process.time(scale=1.0, answer_within_s=5.0)
    plain = {"url": "", "mode": "plain", "oauth_domain": "", "js_domain": "", "kind": "service"}
    sandbox_process.set_account(**plain, unionid_bound=False, verified=True)
    return sandbox_process
