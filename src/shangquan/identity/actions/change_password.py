from datetime import datetime

from shangquan.identity import access
from shangquan.identity.actions.make_account import check_password_strength
from shangquan.identity.actions.throttle import begin_try, end_try
from shangquan.identity.contracts import NO_ACCOUNT, WRONG_SIGN_IN
from shangquan.identity.models import Account
from shangquan.kernel import audit, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import forbidden, transaction


@forbidden
def change_password(*, account_id: int, old: str, new: str, now: datetime) -> None:
    """Change one's own password; every other session of the account ends. The tries of `old` count as sign-ins do.

    Refuses a wrong old password (A-4011), too many of them (A-4291), a weak new one (A-4001), another's account (403).
    """
    known = Account.objects.filter(id=account_id).first()
    if known is None:
        raise Refused(NO_ACCOUNT)
    attempt = begin_try(username=known.username, ip=scope.current().ip, now=now)
    with transaction():
        account = access.own_account(account_id)
        if not account.check_password(old):
            raise Refused(WRONG_SIGN_IN)
        check_password_strength(new, account)
        account.set_password(new)
        account.save(update_fields=["password"])
        audit.record(action="identity.change_password", subject="account", subject_id=account_id)
    end_try(attempt, succeeded=True)
