"""`make run`: everything on one machine, in the foreground. Ctrl-C stops it all; a second start keeps the data."""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import httpx

ROOT = Path(__file__).resolve().parents[2]
VAR = Path(os.environ.get("SHANGQUAN_VAR", ROOT / "var"))


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class House:
    """The processes of a running district, started in order and stopped in reverse."""

    def __init__(self, product: str, sandbox: str) -> None:
        self.product, self.sandbox = product, sandbox
        self.children: list[tuple[str, subprocess.Popen[bytes]]] = []
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "shangquan.config.settings",
            "SHANGQUAN_BASE_URL": product,
            "SANDBOX_URL": sandbox,
            "PYTHONPATH": str(ROOT / "src"),
        }

    def run(self, *module: str, owner: bool = False) -> None:
        """A step that must succeed before the next one."""
        environment = self.environment | ({"SHANGQUAN_DB_OWNER": "1"} if owner else {})
        subprocess.run([sys.executable, "-m", *module], env=environment, cwd=ROOT, check=True)

    def start(self, name: str, *command: str) -> None:
        logs = VAR / "log"
        logs.mkdir(parents=True, exist_ok=True)
        with (logs / f"{name}.log").open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", *command], env=self.environment, cwd=ROOT, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        self.children.append((name, child))

    def wait_for(self, name: str, url: str, seconds: float = 120) -> None:
        child = dict(self.children)[name]
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if child.poll() is not None:
                break
            try:
                if httpx.get(url, timeout=2).status_code < 500:
                    return
            except httpx.HTTPError:
                time.sleep(0.1)
        raise SystemExit(f"{name} did not start: see {VAR / 'log' / f'{name}.log'}")

    def stop(self) -> None:
        for _, child in reversed(self.children):
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGTERM)
        for _, child in reversed(self.children):
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)

    def watch(self) -> None:
        """Until Ctrl-C, or until one of the processes dies: then say which, and stop the rest."""
        while True:
            for name, child in self.children:
                if child.poll() is not None:
                    raise SystemExit(f"{name} stopped by itself: see {VAR / 'log' / f'{name}.log'}")
            time.sleep(0.5)


def reset() -> None:
    """Throw away the local database, the sandbox's state, pictures and logs; secrets stay."""
    if "DATABASE_URL" in os.environ:
        raise SystemExit("DATABASE_URL is set: make reset only throws away the embedded database")
    for name in ("pg", "static", "media", "log", "sandbox.json", "wechat.json"):
        path = VAR / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    say("gone: the next `make run` starts with a fresh demo district")


def start(scale: int) -> None:
    product = os.environ.get("SHANGQUAN_BASE_URL", "http://127.0.0.1:8000")
    sandbox = os.environ.get("SANDBOX_URL", "http://127.0.0.1:8100")
    house = House(product, sandbox)
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        _database(house)
        _sandbox(house)
        house.run("shangquan.demo.load", "--scale", str(scale))
        _product(house)
        house.run("shangquan.demo.connect")
        say(_table(product, sandbox))
        house.watch()
    except KeyboardInterrupt:
        say("\nstopping …")
    finally:
        house.stop()


def _as_interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _database(house: House) -> None:
    say("database: starting, bringing tables up to date")
    if "DATABASE_URL" not in os.environ:
        from shangquan.config import database

        database.embedded(VAR / "pg")  # held by this process, so that it outlives every child
    house.run("shangquan.manage", "migrate", "--verbosity", "0", owner=True)
    house.run("shangquan.manage", "collectstatic", "--noinput", "--verbosity", "0")


def _sandbox(house: House) -> None:
    say(f"sandbox:  {house.sandbox}")
    where = urlsplit(house.sandbox)
    house.start(
        "sandbox", "superapp_sandbox",
        "--host", str(where.hostname), "--port", str(where.port), "--state", str(VAR / "sandbox.json"),
    )  # fmt: skip
    house.wait_for("sandbox", f"{house.sandbox}/_bench/api/credentials")
    keys = VAR / "wechat.json"
    keys.touch(mode=0o600)
    keys.write_text(json.dumps(httpx.get(f"{house.sandbox}/_bench/api/credentials").json(), indent=1))


def _product(house: House) -> None:
    where = urlsplit(house.product)
    house.start(
        "web", "granian", "--interface", "wsgi", "shangquan.config.wsgi:application",
        "--host", str(where.hostname), "--port", str(where.port),
        "--workers", "2", "--blocking-threads", "4", "--no-ws", "--log-level", "warning",
    )  # fmt: skip
    house.start("worker", "shangquan.worker")
    house.wait_for("web", f"{house.product}/healthz")


def _table(product: str, sandbox: str) -> str:
    from shangquan.demo.people import LOGINS

    rows = [
        ("顾客的手机  phone of a consumer", f"{sandbox}/", "密码 123456"),
        ("会员页  consumer pages", f"{product}/m/", "在手机里打开"),
        ("官网  site", f"{product}/", ""),
        ("接口文档  API", f"{product}/api/v1/docs", ""),
        *((f"{login.title}", f"{product}{login.path}", f"{login.username} / {login.password}") for login in LOGINS),
    ]
    lines = [f"  {what:<{34 - sum(ord(c) > 0x2E80 for c in what)}} {url:<42} {who}" for what, url, who in rows]
    return "\n".join(["", "栖梧里 Qiwuli is open. Ctrl-C stops everything.", *lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, default=1, help="how many times 800 members")
    parser.add_argument("--reset", action="store_true")
    arguments = parser.parse_args()
    if arguments.reset:
        reset()
    else:
        start(arguments.scale)


if __name__ == "__main__":
    main()
