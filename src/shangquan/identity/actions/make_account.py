import re
import unicodedata
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from shangquan.identity.contracts import BAD_USERNAME, USERNAME_TAKEN, WEAK_PASSWORD
from shangquan.identity.models import Account
from shangquan.kernel import audit, scope
from shangquan.kernel.errors import BAD_INPUT, Refused
from shangquan.kernel.transactions import required

_USERNAME = re.compile(r"[a-z0-9._@-]{3,60}")


@required
def make_account(*, username: str, name: str, password: str, now: datetime) -> int:
    """Make an account that may do nothing yet; answers its id. Needs the right `staff.manage`.

    Refuses a name of other signs (A-4005), a taken one (A-4091) and a weak password (A-4001).
    """
    scope.require("staff.manage")
    wanted = same_name(username)
    if not _USERNAME.fullmatch(wanted):
        raise Refused(BAD_USERNAME)
    shown = name.strip()
    if not 1 <= len(shown) <= 60:
        raise Refused(BAD_INPUT, why="姓名要 1 到 60 个字")
    account = Account(username=wanted, name=shown, created_at=now)
    check_password_strength(password, account)
    account.set_password(password)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError:
        raise Refused(USERNAME_TAKEN) from None
    audit.record(
        action="identity.make_account",
        subject="account",
        subject_id=account.id,
        after={"username": wanted, "name": shown},
    )
    return account.id


def same_name(username: str) -> str:
    """How a user name is kept and looked up: full-width letters and capitals are the same name."""
    return unicodedata.normalize("NFKC", username).strip().lower()


def check_password_strength(password: str, account: Account) -> None:
    """Refuses A-4001 with what is wrong, in both languages."""
    if len(password) > 200:
        raise Refused(WEAK_PASSWORD, why="太长了。", why_en="it is too long.")
    with translation.override("zh-hans"):
        zh = _weakness(password, account)
    with translation.override("en"):
        en = _weakness(password, account)
    if zh:
        raise Refused(WEAK_PASSWORD, why=zh, why_en=en)


def _weakness(password: str, account: Account) -> str:
    try:
        validate_password(password, account)
    except ValidationError as found:
        return " ".join(str(message) for message in found.messages)
    return ""
