import base64
import hmac
from dataclasses import dataclass
from datetime import datetime

import pyotp
from cryptography.fernet import Fernet
from django.conf import settings
from django.utils.crypto import salted_hmac

from shangquan.identity import access, locks
from shangquan.identity.actions.throttle import begin_try, end_try
from shangquan.identity.contracts import CODE_NEEDED, CODE_OFF, CODE_ON, NO_ACCOUNT
from shangquan.identity.models import Account
from shangquan.kernel import audit, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import forbidden, required, transaction

_STEP = 30  # seconds, RFC 6238


@dataclass(frozen=True)
class NewCode:
    """What an authenticator needs; `uri` is the key URI that it reads from a QR picture."""

    secret: str
    uri: str


@required
def enable_totp(*, account_id: int) -> NewCode:
    """Begin two-step sign-in for one's own account; nothing changes until `confirm_totp`. Refuses A-4093 when it is on."""
    account = access.own_account(account_id)
    if account.totp_secret:
        raise Refused(CODE_ON)
    secret = pyotp.random_base32()
    account.totp_pending = _box().encrypt(secret.encode()).decode()
    account.save(update_fields=["totp_pending"])
    uri = pyotp.TOTP(secret, interval=_STEP).provisioning_uri(name=account.username, issuer_name="Shangquan")
    return NewCode(secret=secret, uri=uri)


@required
def confirm_totp(*, account_id: int, code: str, now: datetime) -> None:
    """Switch it on with a first right code. Refuses A-4012 for a wrong one, A-4094 when none was begun."""
    account = access.own_account(account_id)
    if not account.totp_pending:
        raise Refused(CODE_OFF)
    step = _matching_step(account.totp_pending, code, now)
    if step is None:
        raise Refused(CODE_NEEDED)
    account.totp_secret, account.totp_pending, account.totp_last_step = account.totp_pending, "", step
    account.save(update_fields=["totp_secret", "totp_pending", "totp_last_step"])
    audit.record(action="identity.enable_totp", subject="account", subject_id=account_id)


@forbidden
def disable_totp(*, account_id: int, code: str, now: datetime) -> None:
    """Switch it off, with a right code; its tries count as sign-ins do (A-4291), so each is committed on its own.

    Refuses A-4012 for a wrong code and A-4094 when it is off.
    """
    account = Account.objects.filter(id=account_id).first()
    if account is None:
        raise Refused(NO_ACCOUNT)
    if not account.totp_secret:
        raise Refused(CODE_OFF)
    attempt = begin_try(username=account.username, ip=scope.current().ip, now=now)
    with transaction():
        locked = access.own_account(account_id)
        check_code(locked, code, now)
        locked.totp_secret = ""
        locked.save(update_fields=["totp_secret"])
        audit.record(action="identity.disable_totp", subject="account", subject_id=account_id)
    end_try(attempt, succeeded=True)


def check_code(account: Account, code: str, now: datetime) -> None:
    """Refuses A-4012 for a code that is not this moment's (one step either way) or was used before."""
    step = _matching_step(account.totp_secret, code, now)
    if step is None or not locks.use_code(account.id, step):
        raise Refused(CODE_NEEDED)


def _matching_step(sealed: str, code: str, now: datetime) -> int | None:
    totp = pyotp.TOTP(_box().decrypt(sealed.encode()).decode(), interval=_STEP)
    given = code.strip().replace(" ", "").encode()
    current = int(now.timestamp()) // _STEP
    matching = [
        step
        for step in (current - 1, current, current + 1)
        if hmac.compare_digest(totp.generate_otp(step).encode(), given)
    ]
    return matching[-1] if matching else None


def _box() -> Fernet:
    key = salted_hmac("identity.totp", "seal", secret=settings.PERSONAL_DATA_KEY, algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))
