"""Numbers that people read and tokens that nobody can guess."""

import secrets
from datetime import datetime

# No 0/O, 1/I/L: read aloud, typed by hand.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def number(prefix: str, now: datetime) -> str:
    """A number for bills, payments, refunds: prefix, UTC time to the second, 8 random digits; at most 32 characters.

    Its column is unique, so the one collision in 10^8 within a second fails loudly instead of doubling.
    """
    return f"{prefix}{now:%y%m%d%H%M%S}{secrets.randbelow(10**8):08d}"


def code(length: int = 12) -> str:
    """A code for coupons and gifts: unguessable, easy to read."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def token() -> str:
    """256 bits for sessions and devices."""
    return secrets.token_urlsafe(32)
