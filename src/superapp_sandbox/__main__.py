"""``python -m superapp_sandbox``: serve the sandbox on one port."""

import argparse
import asyncio
import contextlib
import importlib
import json
import logging
import secrets
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from granian.constants import Interfaces
from granian.server.embed import Server

from .app import build
from .clock import Clock
from .refusals import PhoneRefusal
from .world import World

SAVE_EVERY_S = 2.0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("superapp_sandbox", description="A local WeChat and WeChat Pay for developers.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8100, help="0 takes a free port")
    parser.add_argument("--base-url", default="", help="how products reach this sandbox, when not http://HOST:PORT")
    parser.add_argument("--state", type=Path, help="a JSON file that keeps the state between starts")
    parser.add_argument("--seed", default="", help="the same seed gives the same identifiers again")
    parser.add_argument("--time-scale", type=float, default=1.0, help="1000 makes a wait of 15 s take 15 ms")
    return parser.parse_args(arguments)


def _port(host: str, wanted: int) -> int:
    """The wanted port, or a free one for 0. OSError when another process listens there.

    Asked first, because the server shares its port with whoever asks, and two sandboxes would answer by turns.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, wanted))
        return int(probe.getsockname()[1])


def _world(options: argparse.Namespace) -> World:
    world = World(options.seed or secrets.token_hex(8), Clock(options.time_scale))
    if options.state and options.state.exists():
        world.load(json.loads(options.state.read_text("utf-8")))
    return world


def _save(world: World, file: Path) -> None:
    """Write beside and rename, so that a broken start never finds half a file."""
    beside = file.with_name(file.name + ".new")
    beside.write_text(json.dumps(world.export(), ensure_ascii=False), "utf-8")
    beside.replace(file)


async def _keep_saving(world: World, file: Path) -> None:
    seen = -1
    while True:
        if seen != world.changes.seq:
            seen = world.changes.seq
            _save(world, file)
        await asyncio.sleep(SAVE_EVERY_S)


async def serve(options: argparse.Namespace) -> None:
    port = _port(options.host, options.port)
    world = _world(options)
    world.base_url = options.base_url or f"http://{options.host}:{port}"
    server: Any = Server(build(world), address=options.host, port=port, interface=Interfaces.ASGI, log_enabled=False)
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    saving = asyncio.create_task(_keep_saving(world, options.state)) if options.state else None
    serving = asyncio.create_task(server.serve())
    logging.getLogger(__name__).info("serving %s", world.base_url)
    sys.stdout.write(f"superapp_sandbox {world.base_url}\n")
    sys.stdout.flush()
    # Load the HTTP client aside, so that the first callback need not wait for it.
    warming = asyncio.create_task(asyncio.to_thread(importlib.import_module, "httpx"))
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait({waiting, serving}, return_when=asyncio.FIRST_COMPLETED)
    await warming
    server.stop()
    world.deliver.forget()
    with contextlib.suppress(asyncio.CancelledError, TimeoutError):
        await asyncio.wait_for(serving, 3)
    if saving:
        saving.cancel()
        _save(world, options.state)


def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped. 2 when the state file cannot be read or the port is taken."""
    options = _options(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(serve(options))
    except (PhoneRefusal, ValueError, OSError) as wrong:
        sys.stderr.write(f"superapp_sandbox: {wrong}\n")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
