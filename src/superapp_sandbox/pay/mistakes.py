"""When a signature does not fit: try the mistakes that people make, and say which one fits.

The platform only says "wrong signature". A signature cannot be read backwards, but each common mistake gives one
definite text; the one whose signature fits is what the merchant has signed.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from . import sign


def v3_mistake(
    certificate_pem: str, method: str, target: str, timestamp: int, nonce: str, body: str, signature: str, host: str
) -> tuple[str, str] | None:
    """What was signed instead, and the name of the mistake; None when no known mistake fits."""
    for name, text in _v3_texts(method, target, timestamp, nonce, body, host):
        if sign.is_signed(certificate_pem, text, signature):
            return name, text
    return None


def _v3_texts(method: str, target: str, timestamp: int, nonce: str, body: str, host: str) -> Iterator[tuple[str, str]]:
    right = sign.request_text(method, target, timestamp, nonce, body)
    yield "末尾少一个换行 the last LF is missing", right[:-1]
    yield "末尾多一个换行 one LF too many", right + "\n"
    yield "换行写成了两个字符 \\n instead of LF", right.replace("\n", "\\n")
    yield "用了 CRLF 换行 CRLF instead of LF", right.replace("\n", "\r\n")
    yield (
        "方法是小写 the method is in lower case",
        sign.request_text(method, target, timestamp, nonce, body).replace(method.upper(), method.lower(), 1),
    )
    yield "路径少了查询串 the query is missing", sign.request_text(method, target.split("?")[0], timestamp, nonce, body)
    yield (
        "签了解码后的路径 a decoded path was signed",
        sign.request_text(method, unquote(target), timestamp, nonce, body),
    )
    for scheme in ("http", "https"):
        yield (
            "签了完整网址 the whole address was signed",
            sign.request_text(method, f"{scheme}://{host}{target}", timestamp, nonce, body),
        )
    yield "没有签请求体 the body was not signed", sign.request_text(method, target, timestamp, nonce, "")
    yield "随机串和时间戳颠倒 nonce before timestamp", f"{method}\n{target}\n{nonce}\n{timestamp}\n{body}\n"
    for other in _other_bodies(body):
        yield (
            "签的和发的请求体不是同一份 the body sent is not the body signed",
            sign.request_text(method, target, timestamp, nonce, other),
        )


def _other_bodies(body: str) -> Iterator[str]:
    """The same JSON as other libraries would write it, and the text with stray ends."""
    yield body.strip()
    yield body + "\n"
    try:
        value = json.loads(body)
    except ValueError:
        return
    for ascii_only in (True, False):
        for separators in ((",", ":"), (", ", ": ")):
            for sort in (False, True):
                yield json.dumps(value, ensure_ascii=ascii_only, separators=separators, sort_keys=sort)


def v2_mistake(
    fields: Mapping[str, str], key: str, other_keys: Mapping[str, str], sign_type: str
) -> tuple[str, str] | None:
    """As above for version 2: the name of the mistake and the text; keys are not part of the text."""
    given = fields.get("sign", "")
    shown = sign.v2_text(fields, "(v2 key)")
    right = sign.v2_text(fields, key)
    if given and given == _digest(right, key, sign_type).lower():
        return "签名要大写 the signature must be upper case", shown
    other_type = "MD5" if sign_type == "HMAC-SHA256" else "HMAC-SHA256"
    if given.upper() == _digest(right, key, other_type):
        return f"算法是 {other_type}，报文说 {sign_type} the algorithm is not the one of sign_type", shown
    for name, other in other_keys.items():
        if given.upper() == _digest(sign.v2_text(fields, other), other, sign_type):
            return f"用错了密钥：{name} the wrong key was used", shown
    for name, text in _v2_texts(fields):
        if given.upper() == _digest(f"{text}&key={key}", key, sign_type):
            return name, f"{text}&key=(v2 key)"
        if given.upper() == _digest(text, key, sign_type):
            return "没有拼上密钥 the key was not appended", text
    return None


def _v2_texts(fields: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    kept = [(k, v) for k, v in fields.items() if k != "sign"]
    filled = [(k, v) for k, v in kept if v != ""]
    yield "字段没有排序 the fields were not sorted", "&".join(f"{k}={v}" for k, v in filled)
    yield "空字段也签了 empty fields were signed", "&".join(f"{k}={v}" for k, v in sorted(kept))
    yield "没有拼上密钥 the key was not appended", "&".join(f"{k}={v}" for k, v in sorted(filled))


def _digest(text: str, key: str, sign_type: str) -> str:
    if sign_type == "HMAC-SHA256":
        return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest().upper()
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def both(right: str, signed: str) -> str:
    """The two texts for the call log, which marks the first difference."""
    return f"expected: {right}\ngot: {signed}"
