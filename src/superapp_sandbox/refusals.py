"""The four ways of saying no: each interface has its own shape of a refusal."""

from typing import Any


class PayRefusal(Exception):
    """WeChat Pay v3: an HTTP status with ``code`` and ``message``, sometimes ``detail``."""

    def __init__(self, status: int, code: str, message: str, detail: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.detail = status, code, message, detail


class TransportRefusal(Exception):
    """WeChat Pay v2, before the business: ``return_code`` FAIL, unsigned."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BusinessRefusal(Exception):
    """WeChat Pay v2, the business: ``result_code`` FAIL with ``err_code``, signed."""

    def __init__(self, err_code: str, description: str, **extra: str) -> None:
        super().__init__(description)
        self.err_code, self.description, self.extra = err_code, description, extra


class AccountRefusal(Exception):
    """Official Account: HTTP 200 with ``errcode`` and ``errmsg``."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errmsg)
        self.errcode, self.errmsg = errcode, errmsg


class PhoneRefusal(Exception):
    """Phone and bench: an HTTP status with a stable code and one sentence in Chinese and English."""

    def __init__(self, code: str, chinese: str, english: str, status: int = 400) -> None:
        super().__init__(english)
        self.code, self.chinese, self.english, self.status = code, chinese, english, status
