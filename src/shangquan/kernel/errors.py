"""Refusals: expected answers of "no", each with a stable code and one sentence in Chinese and English.

A refusal changes nothing: it leaves an action as an exception, so the transaction around it rolls back.
Anything that is not `Refused` is a bug and alerts.
"""

from dataclasses import dataclass, field
from typing import Any

_reasons: dict[str, "Reason"] = {}


@dataclass(frozen=True)
class Reason:
    """One kind of refusal. `code` is a room's letter, the HTTP status and a running digit: `C-4091`.

    `zh` and `en` may hold `{fields}` that the refusal fills with its data.
    """

    code: str
    name: str
    status: int
    zh: str
    en: str

    def __post_init__(self) -> None:
        known = _reasons.setdefault(self.code, self)
        if known != self:
            raise ValueError(f"refusal code {self.code} is used by both {known.name} and {self.name}")


@dataclass(eq=False)
class Refused(Exception):
    """Raised by a rule or an action to say no. `data` explains (`left`, `short_fen`, …) and goes out with the answer."""

    reason: Reason
    data: dict[str, Any] = field(default_factory=dict)

    def __init__(self, reason: Reason, **data: Any) -> None:
        super().__init__(reason.code)
        self.reason, self.data = reason, data

    @property
    def zh(self) -> str:
        return self.reason.zh.format_map(_Blank(self.data))

    @property
    def en(self) -> str:
        return self.reason.en.format_map(_Blank(self.data))

    def __str__(self) -> str:
        return f"{self.reason.code} {self.reason.name}: {self.en}"

    def as_json(self) -> dict[str, Any]:
        """The body of every refused API call."""
        return {
            "code": self.reason.code,
            "name": self.reason.name,
            "message": self.zh,
            "message_en": self.en,
            "data": self.data,
        }


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def all_reasons() -> list[Reason]:
    """Every declared reason, by code: for the documentation and its test."""
    return sorted(_reasons.values(), key=lambda reason: reason.code)


BAD_INPUT = Reason("K-4001", "bad_input", 400, "请求的内容不对：{why}", "The request is not valid: {why}")
BAD_PAGE_FORM = Reason(
    "K-4031", "form_expired", 403, "页面放久了，请刷新后再提交。", "This page has expired; reload it and submit again."
)
FORBIDDEN = Reason("K-4032", "forbidden", 403, "你没有权限做这件事。", "You do not have the right to do this.")
NOT_FOUND = Reason("K-4041", "not_found", 404, "没有找到。", "Not found.")
NOT_ALLOWED = Reason(
    "K-4051", "method_not_allowed", 405, "这个地址不支持这种请求。", "This address does not take that method."
)
KEY_REUSED = Reason(
    "K-4091",
    "idempotency_key_reused",
    409,
    "这个幂等键已用于另一个请求。",
    "This idempotency key was used for a different request.",
)
TOO_LARGE = Reason("K-4131", "too_large", 413, "提交的内容太大。", "The request is too large.")
TOO_MANY = Reason(
    "K-4291",
    "too_many_requests",
    429,
    "太频繁了，请 {seconds} 秒后再试。",
    "Too many requests; try again in {seconds} s.",
)
SIGN_IN_FIRST = Reason("K-4011", "sign_in_first", 401, "请先登录。", "Please sign in first.")
BROKEN = Reason(
    "K-5001",
    "broken",
    500,
    "我们这边出了错，已经记下。请再试一次。",
    "Something broke on our side and was recorded. Please try again.",
)
