"""Writes docs/refusals.md: every refusal with its code, status and sentences. With --check only compares."""

import os
import sys
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "docs" / "refusals.md"
HEAD = """# Refusals

A refusal is an expected "no". It has a stable code (a room's letter, the HTTP status, a running digit), a name, and one
sentence in Chinese and English; it changes nothing. Answers of the API: `{code, name, message, message_en, data}`.

| code | name | 中文 | English |
|---|---|---|---|
"""


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shangquan.config.settings")
    import django

    django.setup()
    from shangquan.config import urls  # noqa: F401  (imports every room's pages and API)
    from shangquan.kernel.errors import all_reasons

    text = HEAD + "".join(f"| {r.code} | `{r.name}` | {r.zh} | {r.en} |\n" for r in all_reasons())
    if "--check" in sys.argv:
        if not FILE.exists() or FILE.read_text() != text:
            print("docs/refusals.md differs from the code: run python -m tools.refusals")
            return 1
        return 0
    FILE.write_text(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
