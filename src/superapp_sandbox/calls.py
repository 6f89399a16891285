"""The call log: each request, answer and callback with its signature steps explained."""

import json
import re
from collections import OrderedDict
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from typing import Any

KEPT = 3000
CAUSE = "找到原因："  # begins the step that names the mistake; it is told before all others
# How the product's order number stands in JSON, in XML, in the path of a query, and in what a phone is told.
_ORDER = re.compile(
    r'"(?:out_trade_no|order)"\s*:\s*"([^"]+)"|<out_trade_no>(?:<!\[CDATA\[)?([^<\]]+)|/out-trade-no/([^/?]+)'
)
_current: ContextVar["Call | None"] = ContextVar("call", default=None)


@dataclass
class Call:
    """``direction`` in: the product called the sandbox; out: the sandbox called the product; phone: a thumb did it."""

    id: int
    at: float
    direction: str
    method: str
    path: str
    title: str = ""
    request_headers: dict[str, str] = field(default_factory=dict)
    request_body: str = ""
    status: int = 0
    answer_headers: dict[str, str] = field(default_factory=dict)
    answer_body: str = ""
    decrypted: str = ""
    steps: list[dict[str, Any]] = field(default_factory=list)
    took_ms: int = 0
    replay_of: int = 0

    def step(self, label: str, ok: bool, detail: str = "") -> None:
        self.steps.append({"label": label, "ok": ok, "detail": detail})


def explain(label: str, ok: bool, detail: str = "") -> None:
    """Add a step to the call that is being handled; no call, no step."""
    call = _current.get()
    if call is not None:
        call.step(label, ok, detail)


def titled(title: str) -> None:
    call = _current.get()
    if call is not None:
        call.title = title


def set_current(call: Call | None) -> None:
    _current.set(call)


class CallLog:
    """The newest calls, oldest thrown away."""

    def __init__(self) -> None:
        self._calls: OrderedDict[int, Call] = OrderedDict()
        self._last = 0

    def open(self, at: float, direction: str, method: str, path: str) -> Call:
        self._last += 1
        call = Call(self._last, at, direction, method, path)
        self._calls[call.id] = call
        while len(self._calls) > KEPT:
            self._calls.popitem(last=False)
        return call

    def get(self, call_id: int) -> Call | None:
        return self._calls.get(call_id)

    def after(self, call_id: int, words: str = "", limit: int = 200) -> list[Call]:
        """Calls newer than ``call_id`` that contain ``words``; the newest ``limit`` of them, oldest first."""
        found = [c for c in self._calls.values() if c.id > call_id and (not words or words.lower() in _text(c).lower())]
        return found[-limit:]

    def clear(self) -> None:
        self._calls.clear()


def _text(call: Call) -> str:
    return " ".join(
        (call.method, call.path, call.title, call.request_body, call.answer_body, call.decrypted, str(call.status))
    )


def order_of(call: Call) -> str:
    """The product's number of the order that the call is about, or nothing."""
    for text in (call.path, call.request_body, call.decrypted, call.answer_body):
        found = _ORDER.search(text)
        if found:
            return found.group(1) or found.group(2) or found.group(3)
    return ""


def callbacks_after(log: CallLog, call: Call, limit: int = 30) -> list[dict[str, Any]]:
    """What was sent to the product about the same order after this call, oldest first."""
    order = order_of(call)
    if not order:
        return []
    later = [c for c in log.after(call.id, limit=KEPT) if c.direction == "out" and order_of(c) == order]
    return [brief(c) for c in later[:limit]]


def brief(call: Call) -> dict[str, Any]:
    """A line of the list; ``ok`` is false when a step failed or the answer was an error."""
    whole = asdict(call)
    kept = ("id", "at", "direction", "method", "path", "title", "status", "took_ms", "replay_of")
    wrong = [s["label"] for s in call.steps if not s["ok"]]
    failed = next((label for label in wrong if label.startswith(CAUSE)), wrong[0] if wrong else "")
    return (
        {k: whole[k] for k in kept}
        | {"ok": not failed and 0 < call.status < 400, "failed_step": failed}
        | {"order": order_of(call)}
    )


def full(call: Call) -> dict[str, Any]:
    """Everything, with bodies indented when they are JSON."""
    return asdict(call) | {
        "ok": brief(call)["ok"],
        "pretty": _pretty(call.request_body),
        "order": order_of(call),
    }


def _pretty(body: str) -> str:
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except ValueError:
        return body
