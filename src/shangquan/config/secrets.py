"""Secrets come from the environment; a machine without them gets its own, made once and kept under `var/`."""

import os
import secrets
from pathlib import Path


def secret(var: Path, name: str) -> str:
    if name in os.environ:
        return os.environ[name]
    kept = var / "secrets" / name.lower()
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft = kept.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            os.link(draft, kept)  # the first of several processes wins; the others read what it wrote
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return kept.read_text().strip()
