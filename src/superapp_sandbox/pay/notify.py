"""Callbacks of version 3: the envelope, its encryption and signature, and the faults that spoil them."""

import json
from collections.abc import Callable

from ..clock import rfc3339
from ..deliver import PAY_SCHEDULE_S, TRANSFER_SCHEDULE_S, Attempt, Job
from ..records import Json, Merchant, Order, PlatformKey, Refund, Transfer
from ..world import World
from . import sign, views


def payment(world: World, order: Order) -> None:
    """Tell the merchant that an order is paid."""
    if order.notify_url:
        resource = views.transaction(world, order)
        send(world, world.merchants[order.mchid], order.notify_url, "TRANSACTION.SUCCESS", "transaction", resource)


def refund(world: World, done: Refund) -> None:
    """Tell the merchant how a refund ended."""
    if done.notify_url:
        resource = views.refund_notice(world, done)
        send(world, world.merchants[done.mchid], done.notify_url, f"REFUND.{done.status}", "refund", resource)


def transfer(world: World, done: Transfer) -> None:
    """Tell the merchant how a transfer ended."""
    if done.notify_url:
        merchant, event = world.merchants[done.mchid], "MCHTRANSFER.BILL.FINISHED"
        send(world, merchant, done.notify_url, event, "mch_payment", views.transfer_notice(done), TRANSFER_SCHEDULE_S)


_SUMMARIES = {
    "MCHTRANSFER.BILL.FINISHED": "商家转账单据终态通知",
    "TRANSACTION.SUCCESS": "支付成功",
    "REFUND.SUCCESS": "退款成功",
    "REFUND.ABNORMAL": "退款异常",
    "REFUND.CLOSED": "退款关闭",
}


def send(
    world: World,
    merchant: Merchant,
    url: str,
    event_type: str,
    original_type: str,
    resource: Json,
    schedule: tuple[int, ...] = PAY_SCHEDULE_S,
) -> None:
    """Queue one callback. Faults that concern it are taken now, so that they hit this callback and no other."""
    faults = world.faults
    if faults.take("notify_drop"):
        return
    plain = json.dumps(resource, ensure_ascii=False, separators=(",", ":"))
    envelope = _envelope(world, merchant, event_type, original_type, plain)
    spoils: list[Callable[[dict[str, str]], str]] = []
    if faults.take("sig_probe"):
        spoils.append(_probe(world))
    if faults.take("notify_bad_signature"):
        spoils.append(_wrong_signature)
    job = Job(
        id=world.ids.number(),
        title=event_type,
        group=merchant.mchid,
        url=url,
        plain=plain,
        schedule=schedule,
        make=_maker(world, merchant, envelope, spoils, faults.seconds("clock_skew_s")),
        first_wait_s=faults.seconds("notify_delay_s"),
        repeats=int(faults.take("notify_repeat") or 0),
        waits_for_next=bool(faults.take("notify_reorder")),
    )
    world.deliver.start(job)


def _envelope(world: World, merchant: Merchant, event_type: str, original_type: str, plain: str) -> str:
    key = "wrong-key-wrong-key-wrong-key-00" if world.faults.take("notify_wrong_key") else merchant.apiv3_key
    nonce = world.ids.alnum(12)
    return json.dumps(
        {
            "id": world.ids.uuid(),
            "create_time": rfc3339(world.clock.now()),
            "event_type": event_type,
            "resource_type": "encrypt-resource",
            "summary": _SUMMARIES.get(event_type, event_type),
            "resource": {
                "algorithm": "AEAD_AES_256_GCM",
                "original_type": original_type,
                "associated_data": original_type,
                "nonce": nonce,
                "ciphertext": sign.seal(key, nonce, original_type, plain),
            },
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _maker(
    world: World, merchant: Merchant, body: str, spoils: list[Callable[[dict[str, str]], str]], skew_s: float
) -> Callable[[], Attempt]:
    """Each attempt is stamped and signed anew; the body and its id stay the same."""

    def make() -> Attempt:
        headers = signed_headers(world, callback_key(world, merchant), body, skew_s)
        headers["Content-Type"] = "application/json"
        headers["User-Agent"] = "Mozilla/4.0"
        if not spoils:
            return Attempt(headers, body)
        note = spoils.pop(0)(headers)
        return Attempt(headers, body, probe=True, note=note)

    return make


def _probe(world: World) -> Callable[[dict[str, str]], str]:
    def spoil(headers: dict[str, str]) -> str:
        headers["Wechatpay-Signature"] = probe_signature(world)
        return "signature probe: the receiver must refuse it"

    return spoil


def _wrong_signature(headers: dict[str, str]) -> str:
    value = headers["Wechatpay-Signature"]
    headers["Wechatpay-Signature"] = ("B" if value[0] == "A" else "A") + value[1:]
    return "wrong signature: the receiver must refuse it"


def probe_signature(world: World) -> str:
    return "WECHATPAY/SIGNTEST/" + world.ids.alnum(325)


def callback_key(world: World, merchant: Merchant) -> PlatformKey:
    """The public key for a merchant that uses it, else the newest certificate."""
    if merchant.uses_public_key or not merchant.answers_certificates:
        return world.platform_keys[merchant.public_key_id]
    return newest_certificate(world)


def newest_certificate(world: World) -> PlatformKey:
    return max(
        (k for k in world.platform_keys.values() if not k.serial.startswith("PUB_KEY_ID_")),
        key=lambda k: k.effective_at,
    )


def signed_headers(world: World, key: PlatformKey, body: str, skew_s: float = 0) -> dict[str, str]:
    """The headers of a signed answer or callback."""
    timestamp, nonce = str(int(world.clock.wire_now() + skew_s)), world.ids.alnum(32)
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": sign.sign(key.private_key_pem, sign.answer_text(timestamp, nonce, body)),
        "Wechatpay-Signature-Type": sign.SCHEME,
        "Wechatpay-Serial": key.serial,
        "Request-ID": f"08{world.ids.hex(30).upper()}-0",
    }
