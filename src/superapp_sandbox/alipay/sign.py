"""Signatures of the gateway: RSA2, SHA-256 with RSA over sorted, unencoded pairs."""

from collections.abc import Mapping

from ..pay.sign import is_signed, sign


def pairs(fields: Mapping[str, str], *without: str) -> str:
    """``k=v&…`` in the order of keys, empties and the named ones left out."""
    return "&".join(f"{k}={v}" for k, v in sorted(fields.items()) if v != "" and k not in without)


def request_is_signed(public_pem: str, fields: Mapping[str, str]) -> bool:
    """A request signs everything but ``sign``; ``sign_type`` is part of it."""
    return is_signed(public_pem, pairs(fields, "sign"), fields.get("sign", ""))


def notice_signature(private_pem: str, fields: Mapping[str, str]) -> str:
    """A notice signs neither ``sign`` nor ``sign_type``."""
    return sign(private_pem, pairs(fields, "sign", "sign_type"))
