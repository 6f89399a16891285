"""A wrong signature is traced to the mistake that made it."""

import hashlib
import json

import pytest

from superapp_sandbox import keys
from superapp_sandbox.pay import mistakes, sign

KEY = keys.new_key()
PEM = keys.private_pem(KEY)
PUBLIC = keys.public_pem(KEY)
TARGET = "/v3/pay/transactions/out-trade-no/A1?mchid=1900000109"
BODY = '{"description":"童装","amount":{"total":15800}}'
RIGHT = sign.request_text("POST", TARGET, 1795343032, "n1", BODY)


def found(signed: str) -> str:
    answer = mistakes.v3_mistake(
        PUBLIC, "POST", TARGET, 1795343032, "n1", BODY, sign.sign(PEM, signed), "127.0.0.1:8100"
    )
    if answer is None:
        return ""
    assert answer[1] == signed
    return answer[0]


@pytest.mark.parametrize(
    ("signed", "words"),
    [
        (RIGHT[:-1], "末尾少一个换行"),
        (RIGHT.replace("\n", "\\n"), "换行写成了两个字符"),
        (RIGHT.replace("?mchid=1900000109", ""), "路径少了查询串"),
        (RIGHT.replace("/v3", "https://127.0.0.1:8100/v3"), "签了完整网址"),
        (RIGHT.replace(BODY, ""), "没有签请求体"),
        (RIGHT.replace("1795343032\nn1", "n1\n1795343032"), "颠倒"),
        (RIGHT.replace(BODY, json.dumps(json.loads(BODY))), "不是同一份"),
        (RIGHT.replace("POST", "post"), "小写"),
    ],
)
def test_a_known_mistake_is_named(signed: str, words: str) -> None:
    assert words in found(signed)


def test_an_unknown_text_is_not_guessed() -> None:
    assert found("something else") == ""


FIELDS = {"mch_id": "1900000109", "appid": "wx1", "nonce_str": "n", "total_fee": "1", "attach": ""}


def v2_found(signature: str, sign_type: str = "MD5") -> str:
    answer = mistakes.v2_mistake(FIELDS | {"sign": signature}, "k2", {"APIv3 key": "k3"}, sign_type)
    return answer[0] if answer else ""


def test_version_2_mistakes_are_named() -> None:
    assert "大写" in v2_found(sign.v2_sign(FIELDS, "k2").lower())
    assert "HMAC-SHA256" in v2_found(sign.v2_sign(FIELDS, "k2", "HMAC-SHA256"))
    assert "APIv3 key" in v2_found(sign.v2_sign(FIELDS, "k3"))
    assert v2_found("0" * 32) == ""


def test_unsorted_and_empty_fields_are_named() -> None:
    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()

    filled = [(k, v) for k, v in FIELDS.items() if v]
    assert "没有排序" in v2_found(md5("&".join(f"{k}={v}" for k, v in filled) + "&key=k2"))
    assert "空字段" in v2_found(md5("&".join(f"{k}={v}" for k, v in sorted(FIELDS.items())) + "&key=k2"))
    assert "没有拼上密钥" in v2_found(md5("&".join(f"{k}={v}" for k, v in sorted(filled))))
