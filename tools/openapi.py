"""Writes docs/openapi.json from the code; with --check only says whether it is unchanged."""

import json
import os
import sys
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "docs" / "openapi.json"


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shangquan.config.settings")
    import django

    django.setup()
    from shangquan.config.api import api

    text = json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1, default=str) + "\n"
    if "--check" in sys.argv:
        if not FILE.exists() or FILE.read_text() != text:
            print("docs/openapi.json differs from the code: run python -m tools.openapi and look at the difference")
            return 1
        return 0
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
