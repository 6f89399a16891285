"""What somebody can be known by, ready to be looked up: written one way, hashed."""

from dataclasses import dataclass

from shangquan.kernel import personal
from shangquan.kernel.errors import Refused
from shangquan.members import rules
from shangquan.members.contracts import BAD_KEY, KIND_ZH, KeyKind


@dataclass(frozen=True)
class Identity:
    kind: KeyKind
    value: str
    fingerprint: str

    @property
    def sealed(self) -> bytes:
        return personal.seal(self.kind.value, self.value)

    @property
    def masked(self) -> str:
        return rules.mask(self.kind, self.value)

    def __repr__(self) -> str:
        return f"Identity({self.kind.value}, …)"  # never the value: a repr ends in logs


def identity(kind: KeyKind, text: str) -> Identity:
    """Refuses M-4001 when the text is none of that kind."""
    value = rules.normal(kind, text)
    if value is None:
        raise Refused(BAD_KEY, kind=kind.value, kind_zh=KIND_ZH[kind])
    return Identity(kind, value, personal.fingerprint(kind.value, value))
