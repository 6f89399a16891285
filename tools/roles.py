"""Writes docs/roles.md from the tables of the identity room; with --check only says whether it is unchanged."""

import sys
from pathlib import Path

from shangquan.identity.contracts import AREAS, RIGHTS, ROLES

FILE = Path(__file__).resolve().parents[1] / "docs" / "roles.md"

_HEAD = """# 角色与权限 · Roles and rights

Written from `src/shangquan/identity/contracts.py` by `python -m tools.roles`; a test compares the two.

- A right is `room.verb`. A grant gives an account one role in one district: in the whole district, in one merchant, or in
  one store. What lies outside that wall is refused (403, `K-4032`) and leaves a line in the audit.
- A partner (商户) manages six areas: basic account, own goods, activities, members, orders, coupons. **Content push and
  points management are the owner's alone**, as is everything else under "Owner only": no partner's staff and no partner's
  device ever holds such a right, whoever grants it.
- Merchant staff grant within their own merchant, store managers within their own store, and nobody grants or revokes a
  rank above their own. A district keeps at least one administrator.
- A right whose module is not switched on is held by nobody, and comes back with the module.
- Grants with the same walls act together. Who works in two stores acts for one of them at a time.
- While a merchant is suspended its staff cannot sign in, open sessions and tokens are worth nothing; resumed, all is as before.
- Sign-in: after 5 failures of a name or 50 of an address within 15 minutes no further try is looked at until the first of
  them is 15 minutes old (`A-4291`). A staff session lasts 12 hours.
"""


def page() -> str:
    """The whole page."""
    roles = list(ROLES.values())
    lines = [_HEAD, "## 角色 Roles\n", "| role | 中文 | English | rank | acts for |", "|---|---|---|---|---|"]
    for card in roles:
        place = (
            "district"
            if card.of_owner
            else {"none": "merchant", "needed": "store", "optional": "merchant or store"}[card.store]
        )
        lines.append(f"| `{card.role}` | {card.zh} | {card.en} | {card.rank} | {place} |")
    lines.append("\n## 权限 Rights\n\nA dot: the role holds the right.\n")
    names = " | ".join(card.zh for card in roles)
    for area, (zh, en) in AREAS.items():
        lines.append(f"### {zh} · {en}\n")
        lines.append(f"| right | 权限 | meaning | module | {names} |")
        lines.append("|---|---|---|---|" + ":-:|" * len(roles))
        for right in (card for card in RIGHTS.values() if card.area == area):
            held = " | ".join("●" if right.name in card.rights else "" for card in roles)
            lines.append(f"| `{right.name}` | {right.zh} | {right.en} | {right.module or '—'} | {held} |")
        lines.append("")
    return "\n".join(lines)


def main() -> int:
    if "--check" in sys.argv:
        same = FILE.exists() and FILE.read_text() == page()
        if not same:
            print("docs/roles.md differs from the code: run python -m tools.roles and look at the difference")
        return 0 if same else 1
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(page())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
