"""`make check`: everything that can be said of the code without running the product."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PY = sys.executable
BIN = Path(PY).parent

STEPS: list[tuple[str, list[str]]] = [
    ("lint", [str(BIN / "ruff"), "check", "."]),
    ("layout", [str(BIN / "ruff"), "format", "--check", "--quiet", "."]),
    ("import contracts", [str(BIN / "lint-imports")]),
    ("types", [str(BIN / "mypy")]),
    ("laws of the house", [PY, "-m", "pytest", "-q", "tests/house"]),
    ("migrations complete", [PY, "-m", "shangquan.manage", "makemigrations", "--check", "--dry-run"]),
    ("both languages", [PY, "-m", "tools.messages", "--check"]),
    ("OpenAPI file unchanged", [PY, "-m", "tools.openapi", "--check"]),
    ("list of refusals unchanged", [PY, "-m", "tools.refusals", "--check"]),
]


def main() -> int:
    failed = []
    for name, command in STEPS:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        print(f"{'ok  ' if done.returncode == 0 else 'FAIL'} {name}", flush=True)
        if done.returncode:
            failed.append(name)
            print((done.stdout + done.stderr)[-6000:], flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
