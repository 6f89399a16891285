"""The icon sprite: which names exist. The drawings are static/design/icons.svg."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

SPRITE = Path(__file__).parent / "static" / "design" / "icons.svg"


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    return frozenset(re.findall(r'<symbol id="([a-z0-9-]+)"', SPRITE.read_text(encoding="utf-8")))


def require(name: str) -> str:
    """The name, if it is drawn; KeyError otherwise, for a page that asks for a missing icon is a bug."""
    if name not in names():
        raise KeyError(f"no icon named {name!r} in {SPRITE.name}")
    return name
