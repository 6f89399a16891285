"""The only row locks of this room."""

import hashlib

from shangquan.memberapp.models import LoginScene


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def login_scene(token: str) -> LoginScene | None:
    return LoginScene.rows().select_for_update().filter(token_hash=hashed(token)).first()
