"""A product's server, as small as can be: it keeps what it is sent and answers what a test says."""

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Received:
    def __init__(self, method: str, path: str, headers: dict[str, str], body: str) -> None:
        self.method, self.headers, self.body, self.at = method, headers, body, time.monotonic()
        self.path = urlsplit(path).path
        self.query = {k: v[0] for k, v in parse_qs(urlsplit(path).query).items()}


class Receiver:
    """``answer`` gives the status and text for what arrived."""

    def __init__(self) -> None:
        self.got: list[Received] = []
        self.answer: Callable[[Received], tuple[int, str]] = lambda _: (200, "")
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _take(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                seen = Received(self.command, self.path, dict(self.headers), self.rfile.read(length).decode())
                outer.got.append(seen)
                status, text = outer.answer(seen)
                self.send_response(status)
                self.send_header("content-length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            do_GET = do_POST = _take

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def posts(self) -> list[Received]:
        return [r for r in self.got if r.method == "POST"]

    def wait(self, count: int, within_s: float = 5.0) -> list[Received]:
        """The first ``count`` posts."""
        until = time.monotonic() + within_s
        while len(self.posts()) < count:
            assert time.monotonic() < until, f"{len(self.posts())} of {count} posts after {within_s} s"
            time.sleep(0.02)
        return self.posts()

    def stay_at(self, count: int, for_s: float = 0.4) -> None:
        """No more posts come."""
        time.sleep(for_s)
        assert len(self.posts()) == count

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
