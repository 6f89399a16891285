"""The member's dynamic code: 18 digits that anyone can carry and only this house can make or read.

Format and reasons: docs/algorithms/member-code.md. In short: `88` and 16 digits, which are a keyed permutation of
member (8) · minute (3) · turn (1) · tag (4). The tag is a truncated HMAC-SHA256 over the district, the member, the whole
minute and the turn. A code lives in its own minute, with one minute of tolerance on each side.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

from shangquan.kernel import personal

PREFIX = "88"
DIGITS = 18
STEP_SECONDS = 60
TOLERANCE = 1  # steps, for a clock that is off or a code that was shown in its last second
MEMBERS = 10**8
_STEPS, _TURNS, _TAGS = 1000, 10, 10_000
_HALF = 10**8
_ROUNDS = 10  # as many as FF1 (NIST SP 800-38G) uses on halves of a decimal string


@dataclass(frozen=True)
class Read:
    """What a genuine code says. `late`: 0 when it may be accepted, else how many steps it is out of its life."""

    member_id: int
    step: int
    turn: int
    late: int


def step_of(now: datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS


def start_of(step: int) -> datetime:
    return datetime.fromtimestamp(step * STEP_SECONDS, UTC)


def write(*, district_id: int, member_id: int, step: int, turn: int) -> str:
    """The 18 digits of a member for one minute. `turn` 0–9 tells several codes of one minute apart."""
    if not 0 < member_id < MEMBERS or not 0 <= turn < _TURNS:
        raise ValueError("a member code holds 8 digits of member and one of turn")
    tag = _tag(district_id, member_id, step, turn)
    plain = ((member_id * _STEPS + step % _STEPS) * _TURNS + turn) * _TAGS + tag
    return f"{PREFIX}{_permute(plain):016d}"


def looks_like_one(text: str) -> bool:
    return len(text) == DIGITS and text.isascii() and text.isdigit() and text.startswith(PREFIX)


def read(digits: str, *, district_id: int, now: datetime) -> Read | None:
    """What the code says, or None when this house did not make it for this district within the last 500 minutes."""
    if not looks_like_one(digits):
        return None
    rest, tag = divmod(_unpermute(int(digits[2:])), _TAGS)
    rest, turn = divmod(rest, _TURNS)
    member_id, short = divmod(rest, _STEPS)
    current = step_of(now)
    offset = (short - current + _STEPS // 2) % _STEPS - _STEPS // 2
    step = current + offset
    if not hmac.compare_digest(f"{tag:04d}", f"{_tag(district_id, member_id, step, turn):04d}"):
        return None
    return Read(member_id, step, turn, late=max(0, abs(offset) - TOLERANCE))


def _tag(district_id: int, member_id: int, step: int, turn: int) -> int:
    said = f"{district_id}:{member_id}:{step}:{turn}".encode()
    return int.from_bytes(hmac.digest(personal.key("member-code-tag"), said, hashlib.sha256)[:8]) % _TAGS


def _round(number: int, half: int) -> int:
    said = number.to_bytes(1) + half.to_bytes(4)
    return int.from_bytes(hmac.digest(personal.key("member-code-permutation"), said, hashlib.sha256)[:8]) % _HALF


def _permute(plain: int) -> int:
    """A balanced Feistel network over two halves of 8 decimal digits: every number goes to exactly one other."""
    left, right = divmod(plain, _HALF)
    for number in range(_ROUNDS):
        left, right = right, (left + _round(number, right)) % _HALF
    return left * _HALF + right


def _unpermute(code: int) -> int:
    left, right = divmod(code, _HALF)
    for number in reversed(range(_ROUNDS)):
        left, right = (right - _round(number, left)) % _HALF, left
    return left * _HALF + right
