"""Faults: what an engineer can make go wrong on purpose, each a number of times, then it switches itself off."""

from dataclasses import dataclass
from typing import Any

from .refusals import PhoneRefusal

# name -> what its value means; every fault is looked up by name where it bites.
KNOWN: dict[str, str] = {
    "notify_delay_s": "seconds of sandbox time before the first callback is sent",
    "notify_repeat": "how many times a callback that was accepted is sent again",
    "notify_drop": "true: the callback is never sent",
    "notify_bad_signature": "true: one attempt carries a wrong signature",
    "notify_wrong_key": "true: the resource is encrypted with a wrong key",
    "notify_reorder": "true: this callback waits until the next one of the merchant was sent",
    "sig_probe": "true: an attempt carries a WECHATPAY/SIGNTEST/ probe; it must be refused and a good one follows",
    "answer_sig_probe": "true: a v3 answer carries a WECHATPAY/SIGNTEST/ probe signature",
    "pay_answer_system_error_after_success": "true: the order or refund is done, the answer says SYSTEMERROR",
    "pay_answer_timeout_s": "real seconds before a payment answer is sent",
    "order_query_stays_processing": "true: a query answers USERPAYING whatever happened",
    "next_http_status": "the HTTP status of the next payment answer, e.g. 429, 500, 502",
    "page_closes": "true: the in-app page is closed as the password is given, and hears nothing of the payment",
    "balance_low": "true: the payer has too little money",
    "clock_skew_s": "seconds by which stamps of answers and callbacks are wrong",
    "reverse_recall": "true: a reversal answers SYSTEMERROR with recall Y and does nothing",
    "refund_abnormal": "true: the refund ends ABNORMAL",
    "token_expired": "true: the next account call answers 42001",
    "account_errcode": "the errcode of the next account call, e.g. 45009, 48001, -1",
    "bill_missing": "true: the next bill lacks its first line",
    "bill_extra": "true: the next bill has a line for an order nobody made",
    "bill_amount": "fen added to the first line of the next bill",
}


@dataclass
class Fault:
    name: str
    value: Any
    times: int


class Faults:
    def __init__(self) -> None:
        self._active: dict[str, Fault] = {}

    def switch(self, wanted: dict[str, Any]) -> None:
        """Switch faults on. A value is the fault's value, or ``{"value": v, "times": n}``; null or false is off.

        Refuses an unknown name as a whole: nothing is switched.
        """
        times_for_all = wanted.pop("times", 1)
        for name in wanted:
            if name not in KNOWN:
                raise PhoneRefusal("UNKNOWN_FAULT", f"没有这种故障：{name}", f"There is no fault named {name}.")
        for name, given in wanted.items():
            value, times = (
                (given.get("value", True), given.get("times", 1))
                if isinstance(given, dict)
                else (
                    given,
                    times_for_all,
                )
            )
            if value is None or value is False or times < 1:
                self._active.pop(name, None)
            else:
                self._active[name] = Fault(name, value, int(times))

    def take(self, name: str) -> Any:
        """The value of a fault that is on, counting down; None when it is off."""
        fault = self._active.get(name)
        if fault is None:
            return None
        fault.times -= 1
        if fault.times <= 0:
            del self._active[name]
        return fault.value

    def seconds(self, name: str) -> float:
        value = self.take(name)
        return float(value) if value is not None else 0.0

    def listed(self) -> list[dict[str, Any]]:
        """All known faults with their meaning, and for those that are on their value and times left."""
        return [
            {
                "name": name,
                "meaning": meaning,
                "value": self._active[name].value if name in self._active else None,
                "times": self._active[name].times if name in self._active else 0,
            }
            for name, meaning in KNOWN.items()
        ]

    def clear(self) -> None:
        self._active.clear()
